import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox, Label, Radio, RadioGroup } from 'react-aria-components'

interface Option<T extends string> {
  value: T
  label: string
  text: string
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  options: readonly Option<T>[]
  onChange: (value: T) => void
}

/** One of several, each with a line of explanation. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const choose = (chosen: string): void => {
    const option = options.find((o) => o.value === chosen)
    if (option !== undefined) onChange(option.value)
  }
  return (
    <RadioGroup className="choice" value={value} onChange={choose}>
      <Label>{label}</Label>
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className="option">
          <span className="dot" aria-hidden />
          <span>
            <b>{option.label}</b>
            <small>{option.text}</small>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  )
}

interface TickProps {
  children: ReactNode
  value: boolean
  onChange: (value: boolean) => void
}

export function Tick({ children, value, onChange }: TickProps) {
  return (
    <Checkbox className="option" isSelected={value} onChange={onChange}>
      <span className="tick" aria-hidden>
        <Check size={12} strokeWidth={3} />
      </span>
      <span>{children}</span>
    </Checkbox>
  )
}
