/** The shapes that the server speaks, taken from its OpenAPI document by path, so that no schema name is relied on. */
import type { paths } from './schema'

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never
type Answer<O, S extends number> = O extends { responses: Record<S, infer R> } ? Json<R> : never
type Body<O> = O extends { requestBody: infer R } ? Json<R> : never
type Item<T> = T extends readonly (infer I)[] ? I : never
type Api<P extends string> = `/api/v1${P}` extends keyof paths ? paths[`/api/v1${P}`] : never

export type Session = Answer<Api<'/session'>['get'], 200>
export type Person = Session['person']
export type Viewing = NonNullable<Session['viewing']>
export type ViewingForm = Body<Api<'/viewing'>['post']>
type FactorAnswer = Api<'/account/second-factor'>
export type SecondFactor = Answer<FactorAnswer['get'], 200>
export type OfferedFactor = Answer<FactorAnswer['post'], 201>
export type Proof = Body<Api<'/session/proof'>['post']>
export type FactorCode = Body<Api<'/session/second-factor'>['post']>
/** By what the second step can be taken, besides a recovery code. */
export type FactorsNeeded = Answer<Api<'/session'>['post'], 202>
export type Passkey = Item<Answer<Api<'/account/passkeys'>['get'], 200>['passkeys']>
export type MadePasskey = Answer<Api<'/account/passkeys'>['post'], 201>
export type Provider = Item<Answer<Api<'/session/providers'>['get'], 200>['providers']>
export type ProviderArrival = Answer<Api<'/session/providers/{id}/answer'>['post'], 200>
export type ProviderAnswer = Body<Api<'/session/providers/{id}/answer'>['post']>
export type Identity = Item<Answer<Api<'/account/identities'>['get'], 200>['identities']>
export type SetupForm = Body<Api<'/setup'>['post']>
export type RegistrationForm = Body<Api<'/registration'>['post']>
export type Registered = Answer<Api<'/registration'>['post'], 201>
export type Registration = Answer<Api<'/registration'>['get'], 200>
export type CheckedEmail = Answer<Api<'/mail-check'>['post'], 200>
export type OwnEmail = Answer<Api<'/account/email'>['get'], 200>
export type UnsentMail = Item<Answer<Api<'/mail'>['get'], 200>['unsent']>
export type RegistrationMode = SetupForm['registration']

export type ShareLinks = Answer<Api<'/links'>['get'], 200>
export type ShareLink = Item<ShareLinks['links']>
export type NewShareLink = Body<Api<'/links'>['post']>
export type MadeShareLink = Answer<Api<'/links'>['post'], 201>
export type FileRequests = Answer<Api<'/file-requests'>['get'], 200>
export type FileRequest = Item<FileRequests['requests']>
export type NewFileRequest = Body<Api<'/file-requests'>['post']>
export type MadeFileRequest = Answer<Api<'/file-requests'>['post'], 201>
export type LinkShowing = ShareLink['showing']
export type LinkRules = Answer<Api<'/link-rules'>['get'], 200>

export type Location = Item<Answer<Api<'/locations'>['get'], 200>['locations']>
export type Permission = Location['may']['list']
export type Explanation = Permission['explanation']
export type EntriesPage = Answer<Api<'/locations/{id}/entries'>['get'], 200>
export type Entry = Item<EntriesPage['entries']>
export type FileEntry = Extract<Entry, { kind: 'file' }>
export type Properties = Answer<Api<'/locations/{id}/properties'>['get'], 200>
export type Tag = Item<NonNullable<Properties['tags']>>
export type FileVersions = Answer<Api<'/locations/{id}/versions'>['get'], 200>
export type FileVersion = Item<FileVersions['versions']>
export type MetadataForm = Body<Api<'/locations/{id}/metadata'>['put']>
export type FolderUsage = Answer<Api<'/locations/{id}/usage'>['get'], 200>
export type UsedEntry = Item<FolderUsage['entries']>
export type ActivityPage = Answer<Api<'/activity'>['get'], 200>
export type Watches = Answer<Api<'/watches'>['get'], 200>
export type Watch = Watches['watches'][number]
export type NewWatch = Body<Api<'/watches'>['post']>
export type ActivityEntry = Item<ActivityPage['entries']>
export type ActivityKind = ActivityEntry['kind']

export type SearchPage = Answer<Api<'/search'>['get'], 200>
export type SearchResult = Item<SearchPage['results']>
export type SearchKind = SearchResult['kind']
export type Places = Answer<Api<'/places'>['get'], 200>
export type Archive = Answer<Api<'/locations/{id}/archives'>['post'], 201>
export type Credentials = Answer<Api<'/credentials'>['post'], 200>

export type Who = Answer<Api<'/access/who'>['get'], 200>
export type WhoGrant = Item<Who['grants']>
export type ActionReach = Item<WhoGrant['reaches']>
export type ReachPart = Item<ActionReach['parts']>
export type WhatPlace = Item<Answer<Api<'/people/{uid}/reach'>['get'], 200>['places']>
export type WhatWay = Item<WhatPlace['ways']>
export type RoleUse = Answer<Api<'/access/use'>['get'], 200>
export type PlaceUse = Item<RoleUse['places']>
export type PolicyUse = Item<RoleUse['policies']>
export type StatementUse = Item<PolicyUse['statements']>
export type UnusedGrant = Item<RoleUse['unused_grants']>
export type Narrowing = NonNullable<Api<'/access/use'>['get']['parameters']['query']['resources']>
type SimulationsAnswer = Api<'/simulations'>
export type SimulationForm = Body<SimulationsAnswer['post']>
export type Simulation = Answer<SimulationsAnswer['post'], 200>
export type SimulatedChain = Item<Simulation['chains']>
export type SimulatedPolicy = Item<SimulatedChain['policies']>

export type ChangeForm = Body<Api<'/changes/preview'>['post']>['change']
export type ChangeSet = Answer<Api<'/changes/preview'>['post'], 200>
export type ChangeMade = Answer<Api<'/changes'>['post'], 200>
export type AffectedPersons = Item<ChangeSet['persons']>
export type PlaceChange = Item<AffectedPersons['gained']>
export type AccessDifference = Item<PlaceChange['differences']>
export type ActionClass = AccessDifference['class']
export type ChangeRefusal = Item<ChangeSet['refusals']>
export type PolicyVersions = Answer<Api<'/policy-versions'>['get'], 200>
export type PolicyVersion = Item<PolicyVersions['versions']>
export type GuardRails = Answer<Api<'/guard-rails'>['get'], 200>
export type GuardRail = Item<GuardRails['rails']>
export type PolicyCheck = Answer<Api<'/policies/check'>['post'], 200>
export type PolicyFinding = Item<PolicyCheck['findings']>
export type PolicyWords = Answer<Api<'/policies/words'>['get'], 200>

export type NewAccessRequest = Body<Api<'/locations/{id}/access-requests'>['post']>
export type AccessRequest = Item<Answer<Api<'/account/access-requests'>['get'], 200>['requests']>
export type Scans = Answer<Api<'/scans'>['get'], 200>
export type Finding = Item<Scans['findings']>
export type WaitingRequest = Item<Answer<Api<'/access-requests'>['get'], 200>['requests']>

export type OpenSession = Item<Answer<Api<'/account/sessions'>['get'], 200>['sessions']>

export type Token = Item<Answer<Api<'/tokens'>['get'], 200>['tokens']>
export type NewToken = Body<Api<'/tokens'>['post']>
export type MadeToken = Answer<Api<'/tokens'>['post'], 201>
export type TokenAction = Item<NewToken['actions']>

type KeysAnswer = Answer<Api<'/keys'>['get'], 200>
export type Key = Item<KeysAnswer['keys']>
export type NewKey = Body<Api<'/keys'>['post']>
export type MadeKey = Answer<Api<'/keys'>['post'], 201>

export type NewJob = Body<Api<'/jobs'>['post']>
export type Job = Item<Answer<Api<'/jobs'>['get'], 200>['jobs']>
export type JobDetail = Answer<Api<'/jobs/{id}'>['get'], 200>
export type JobFailure = Item<JobDetail['failures']>
export type JobConflict = Job['conflict']
export type PastPage = Answer<Api<'/locations/{id}/past'>['get'], 200>
export type PastEntry = Item<PastPage['entries']>
export type TrashPage = Answer<Api<'/locations/{id}/trash'>['get'], 200>
export type TrashEntry = Item<TrashPage['entries']>
export type Retention = NonNullable<TrashPage['retention']>

export type NewUpload = Body<Api<'/uploads'>['post']>
export type Upload = Answer<Api<'/uploads'>['post'], 201>
export type UploadDetail = Answer<Api<'/uploads/{id}'>['get'], 200>
export type Part = Item<UploadDetail['parts']>
export type WholeFile = Item<Body<Api<'/locations/{id}/puts'>['post']>['files']>
export type SignedPart = Item<Answer<Api<'/uploads/{id}/parts'>['post'], 200>['parts']>
export type CompletedUpload = Answer<Api<'/uploads/{id}/complete'>['post'], 200>

export type PersonRow = Item<Answer<Api<'/people'>['get'], 200>['people']>
export type Grant = Item<Answer<Api<'/people/{uid}/grants'>['get'], 200>['grants']>
export type NewGrant = Body<Api<'/grants'>['post']>
export type GrantTo = NewGrant['to']
export type EffectiveLocation = Item<Answer<Api<'/people/{uid}/locations'>['get'], 200>['locations']>
export type Group = Item<Answer<Api<'/groups'>['get'], 200>['groups']>
export type Invitation = Item<Answer<Api<'/invitations'>['get'], 200>['invitations']>
export type NewInvitation = Body<Api<'/invitations'>['post']>
export type MadeInvitation = Answer<Api<'/invitations'>['post'], 201>
export type OfferedInvitation = Answer<Api<'/invitation'>['post'], 200>
export type Acceptance = Body<Api<'/invitation/accept'>['post']>
export type PasswordLink = Answer<Api<'/people/{uid}/password-link'>['post'], 201>
export type DeletedPerson = Answer<Api<'/people/{uid}'>['delete'], 200>
export type Settings = Answer<Api<'/settings'>['get'], 200>
export type Role = Item<Answer<Api<'/roles'>['get'], 200>['roles']>
/** What was found when the estate was last read back. */
export type EstateCheck = NonNullable<Answer<Api<'/estate'>['get'], 200>['check']>
/** Whether the audit log is whole, as it was last seen. */
export type AuditStanding = Answer<Api<'/audit/standing'>['get'], 200>
export type Posture = Answer<Api<'/posture'>['get'], 200>
export type PostureCheck = Item<Posture['checks']>
export type Documentation = Answer<Api<'/documentation'>['get'], 200>
export type PostureEvidence = Item<PostureCheck['evidence']>
export type AuditEntry = Item<Answer<Api<'/audit'>['get'], 200>['entries']>

export type Quota = Item<Answer<Api<'/quotas'>['get'], 200>['quotas']>
export type QuotaUse = Item<Quota['uses']>
export type NewQuota = Body<Api<'/quotas'>['put']>
export type OwnQuota = Item<Answer<Api<'/account/quotas'>['get'], 200>['quotas']>
