import { ChevronDown } from 'lucide-react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text } from 'react-aria-components'

interface Props<T extends string> {
  label: string
  value: T
  options: readonly { value: T; label: string }[]
  onChange: (value: T) => void
  hint?: string | undefined
}

export function Select<T extends string>({ label, value, options, onChange, hint }: Props<T>) {
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(chosen) => {
        const option = options.find((o) => o.value === chosen)
        if (option !== undefined) onChange(option.value)
      }}
    >
      <Label>{label}</Label>
      <Button className="input select">
        <SelectValue />
        <ChevronDown size={16} aria-hidden />
      </Button>
      {hint === undefined ? null : (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Popover className="pop">
        <ListBox className="list">
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} className="item">
              {option.label}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
