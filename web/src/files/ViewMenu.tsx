import { Check, SlidersHorizontal } from 'lucide-react'
import { Button as AriaButton, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from 'react-aria-components'
import { m } from '../i18n/messages'
import { Hint } from '../ui/Tooltip'
import { columnName } from './GridHead'
import { look, OPTIONAL_COLUMNS, type Look } from './views'

/** Which columns are shown, and how high the rows are; kept in this browser, for all folders. */
export function ViewMenu({ shown }: { shown: Look }) {
  return (
    <MenuTrigger>
      <Hint text={m.files.view()}>
        <AriaButton className="btn btn-quiet btn-icon" aria-label={m.files.view()}>
          <SlidersHorizontal size={17} aria-hidden />
        </AriaButton>
      </Hint>
      <Popover className="pop" placement="bottom end">
        <Menu className="list" aria-label={m.files.view()}>
          <MenuSection
            selectionMode="multiple"
            shouldCloseOnSelect={false}
            selectedKeys={shown.columns}
            onSelectionChange={(keys) => {
              const columns = OPTIONAL_COLUMNS.filter((column) => keys === 'all' || keys.has(column))
              look.set({ ...shown, columns })
            }}
          >
            <Header className="item-head">{m.files.columns()}</Header>
            {OPTIONAL_COLUMNS.map((column) => (
              <Ticked key={column} id={column} label={columnName(column)} />
            ))}
          </MenuSection>
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            shouldCloseOnSelect={false}
            selectedKeys={[shown.compact ? 'compact' : 'roomy']}
            onSelectionChange={(keys) => look.set({ ...shown, compact: keys !== 'all' && keys.has('compact') })}
          >
            <Header className="item-head">{m.files.rows()}</Header>
            <Ticked id="roomy" label={m.files.roomy()} />
            <Ticked id="compact" label={m.files.compact()} />
          </MenuSection>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

function Ticked({ id, label }: { id: string; label: string }) {
  return (
    <MenuItem id={id} textValue={label} className="item">
      {({ isSelected }) => (
        <>
          <Check size={15} className={isSelected ? '' : 'unseen'} aria-hidden />
          {label}
        </>
      )}
    </MenuItem>
  )
}
