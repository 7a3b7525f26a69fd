import { Component, type ReactNode } from 'react'

interface Props {
  instead: ReactNode
  children: ReactNode
}

/** Drawing what people wrote may fail, at a depth of a thousand quotations for one: then `instead` is shown. */
export class Plain extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children
  }
}
