import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components'
import { m } from '../i18n/messages'
import { Button } from './Button'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string | undefined
  error?: string | undefined
  required?: boolean
  autoFocus?: boolean
  type?: 'text' | 'email' | 'date' | 'datetime-local'
  autoComplete?: string
  name?: string
  mono?: boolean
  inputMode?: 'text' | 'numeric'
}

export function Field({ label, hint, error, required = false, mono = false, ...input }: Props) {
  const { type = 'text', autoComplete = 'off', autoFocus = false, inputMode = 'text', name, value, onChange } = input
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      type={type}
      autoComplete={autoComplete}
      autoFocus={autoFocus}
      isRequired={required}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      {...(name === undefined ? {} : { name })}
    >
      <FieldLabel text={label} required={required} />
      <Input className={mono ? 'input mono' : 'input'} spellCheck="false" autoCapitalize="none" inputMode={inputMode} />
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  )
}

/** The shortest password that is all that signs in. */
export const ALONE_MIN = 15

/** The shortest password beside a second step. */
export const BESIDE_MIN = 8

/** Length is counted in code points, as the server counts it. */
export function isLongEnough(password: string, min = ALONE_MIN): boolean {
  return [...password].length >= min
}

interface PasswordProps {
  label: string
  value: string
  onChange: (value: string) => void
  error?: string | undefined
  /** A new password is hinted at and counted; a current one is only typed. */
  fresh?: boolean
  /** How many characters a new one must have, and what is said of it. */
  min?: number
  hint?: string
}

export function PasswordField({ label, value, onChange, error, fresh = false, min = ALONE_MIN, hint }: PasswordProps) {
  const [shown, setShown] = useState(false)
  const missing = min - [...value].length
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      type={shown ? 'text' : 'password'}
      autoComplete={fresh ? 'new-password' : 'current-password'}
      isRequired
      isInvalid={error !== undefined}
      validationBehavior="aria"
    >
      <FieldLabel text={label} required />
      <div className="with-button">
        <Input className="input" spellCheck="false" autoCapitalize="none" />
        <Button
          look="quiet"
          label={shown ? m.common.hidePassword() : m.common.showPassword()}
          onPress={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
        </Button>
      </div>
      {fresh ? (
        <Text slot="description" className="hint">
          {value !== '' && missing > 0 ? m.door.passwordShort(missing) : (hint ?? m.door.passwordHint(min))}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  )
}

function FieldLabel({ text, required }: { text: string; required: boolean }) {
  return (
    <span className="label-line">
      <Label>{text}</Label>
      {required ? null : <span className="optional">{m.common.optional()}</span>}
    </span>
  )
}
