//! Locations, and what a person does with the files in them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_aws::Carried;
use wh_files::{EntryPath, FilePath, FolderPath, NewMetadata, Showing};

use crate::answers::{PersonProblems, StoreProblems};
use crate::extract::{Caller, Id, JsonBody, Params};
use crate::problem::Problem;
use crate::record::{Noted, listed};
use crate::render;
use crate::state::Portal;
use crate::wire::{
    DeleteBody, DeletedBody, DownloadBody, DownloadFormBody, EntriesBody, EntriesQuery,
    ExplainBody, ExplainQuery, FileVersionsBody, FolderBody, LocationsBody, MetadataBody,
    PropertiesBody, PropertiesQuery, RestoreVersionBody, TagsBody, VersionsQuery,
};

/// One's own locations, and what one may do there.
#[utoipa::path(get, path = "/api/v1/locations", tag = "locations",
    security(("session" = []), ("token" = [])),
    responses((status = 200, body = LocationsBody), PersonProblems))]
pub(crate) async fn index(
    State(portal): State<Portal>,
    Caller(person): Caller,
) -> Result<Json<LocationsBody>, Problem> {
    let locations = portal.files().locations(&person).await?;
    Ok(Json(LocationsBody { locations: locations.into_iter().map(render::location).collect() }))
}

/// One page of a folder. An empty page means an empty folder; a refusal is a problem.
#[utoipa::path(get, path = "/api/v1/locations/{id}/entries", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), EntriesQuery),
    responses((status = 200, body = EntriesBody), StoreProblems))]
pub(crate) async fn entries(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<EntriesQuery>,
) -> Result<Json<EntriesBody>, Problem> {
    let folder = FolderPath::parse(&query.path)?;
    let page = portal.files().list(&person, &id, &folder, query.cursor.as_deref()).await?;
    Ok(Json(render::page(query.path, page)))
}

/// Whether an action on a path is allowed, and which statement of which policy says so.
#[utoipa::path(get, path = "/api/v1/locations/{id}/explain", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), ExplainQuery),
    responses((status = 200, body = ExplainBody), PersonProblems))]
pub(crate) async fn explain(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<ExplainQuery>,
) -> Result<Json<ExplainBody>, Problem> {
    let path = match query.path.as_str() {
        "" => None,
        path => Some(EntryPath::parse(path)?),
    };
    let why = portal.files().explain(&person, &id, path.as_ref(), &query.action).await?;
    Ok(Json(ExplainBody { allowed: why.allowed(), explanation: why.into() }))
}

/// Makes an empty folder.
#[utoipa::path(post, path = "/api/v1/locations/{id}/folders", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = FolderBody,
    responses((status = 201, body = FolderBody), StoreProblems))]
pub(crate) async fn make_folder(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<FolderBody>,
) -> Result<(StatusCode, Noted, Json<FolderBody>), Problem> {
    let folder = FolderPath::parse(&form.path)?;
    portal.files().make_folder(&person, &id, &folder).await?;
    Ok((StatusCode::CREATED, Noted::said(format!("made the folder {}", form.path)), Json(form)))
}

/// Deletes files and folders; a folder means all below it.
#[utoipa::path(post, path = "/api/v1/locations/{id}/delete", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = DeleteBody,
    responses((status = 200, body = DeletedBody), StoreProblems))]
pub(crate) async fn delete(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<DeleteBody>,
) -> Result<(Noted, Json<DeletedBody>), Problem> {
    let paths: Result<Vec<EntryPath>, _> = form.paths.iter().map(|p| EntryPath::parse(p)).collect();
    let deletion = portal.files().delete(&person, &id, &paths?).await?;
    Ok((
        Noted::said(format!("asked to delete {}", listed(&form.paths))),
        Json(render::deletion(deletion)),
    ))
}

/// A link that fetches a file from the store, for a few minutes.
#[utoipa::path(post, path = "/api/v1/locations/{id}/downloads", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = DownloadFormBody,
    responses((status = 200, body = DownloadBody), StoreProblems))]
pub(crate) async fn download(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<DownloadFormBody>,
) -> Result<(Noted, Json<DownloadBody>), Problem> {
    let path = FilePath::parse(&form.path)?;
    let version = form.version.as_deref();
    let showing = if form.inline { Showing::Inline } else { Showing::Attachment };
    let link = portal.files().download(&person, &id, &path, (version, showing)).await?;
    let expires = link.expires.to_string();
    let of = version.map(|version| format!(", version {version},")).unwrap_or_default();
    let noted = Noted::said(format!("signed GET of {}{of} until {expires}", form.path));
    Ok((noted, Json(DownloadBody { url: link.url, expires })))
}

/// What a file has besides its bytes: its type, its metadata, and its tags where they may be read.
#[utoipa::path(get, path = "/api/v1/locations/{id}/properties", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), PropertiesQuery),
    responses((status = 200, body = PropertiesBody), StoreProblems))]
pub(crate) async fn properties(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<PropertiesQuery>,
) -> Result<Json<PropertiesBody>, Problem> {
    let path = FilePath::parse(&query.path)?;
    Ok(Json(render::properties(portal.files().properties(&person, &id, &path).await?)))
}

/// Replaces the tags of a file. Policies may speak of tags: who may write them has a permission of its
/// own, `s3:PutObjectTagging`.
#[utoipa::path(put, path = "/api/v1/locations/{id}/tags", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = TagsBody,
    responses((status = 204), StoreProblems))]
pub(crate) async fn put_tags(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<TagsBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let path = FilePath::parse(&form.path)?;
    let tags: Vec<_> = form.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    portal.files().put_tags(&person, &id, &path, &tags).await?;
    let told: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let noted = Noted::said(format!("tags of {}: {}", form.path, listed(&told)));
    Ok((noted, StatusCode::NO_CONTENT))
}

/// Replaces the type, the headers and the metadata of a file. The store writes it anew, with the same bytes and
/// tags: whoever may write the file may do this.
#[utoipa::path(put, path = "/api/v1/locations/{id}/metadata", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = MetadataBody,
    responses((status = 204), StoreProblems))]
pub(crate) async fn put_metadata(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<MetadataBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let path = FilePath::parse(&form.path)?;
    let told: Vec<String> = form.metadata.keys().cloned().collect();
    let noted = Noted::said(format!("metadata of {}: {}", form.path, listed(&told)));
    let carried = Carried {
        metadata: form.metadata,
        cache_control: form.cache_control,
        content_disposition: form.content_disposition,
        content_language: form.content_language,
    };
    let wanted = NewMetadata { content_type: form.content_type, carried };
    portal.files().put_metadata(&person, (&id, &path), &form.etag, wanted).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}

/// The versions of a file, the newest first, and when it was deleted. It may be deleted now.
#[utoipa::path(get, path = "/api/v1/locations/{id}/versions", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location."), VersionsQuery),
    responses((status = 200, body = FileVersionsBody), StoreProblems))]
pub(crate) async fn versions(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    Params(query): Params<VersionsQuery>,
) -> Result<Json<FileVersionsBody>, Problem> {
    let path = FilePath::parse(&query.path)?;
    let page = portal.files().versions(&person, (&id, &path), query.cursor.as_deref()).await?;
    Ok(Json(render::versions(page)))
}

/// Puts a version in the place of what the file is now, with its type, metadata and tags. What was there is
/// one of the versions afterwards, where versions are kept.
#[utoipa::path(post, path = "/api/v1/locations/{id}/versions", tag = "locations",
    security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The location.")),
    request_body = RestoreVersionBody,
    responses((status = 204), StoreProblems))]
pub(crate) async fn restore_version(
    State(portal): State<Portal>,
    Caller(person): Caller,
    Id(id): Id,
    JsonBody(form): JsonBody<RestoreVersionBody>,
) -> Result<(Noted, StatusCode), Problem> {
    let path = FilePath::parse(&form.path)?;
    let noted = Noted::said(format!("version {} of {}", form.version, form.path));
    let (files, over) = (portal.files(), form.over.as_deref());
    files.restore_version(&person, (&id, &path), &form.version, over).await?;
    Ok((noted, StatusCode::NO_CONTENT))
}
