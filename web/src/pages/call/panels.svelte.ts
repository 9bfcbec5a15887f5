export type PanelName = 'people' | 'security' | 'devices'

/** What is open beside the pictures, one at a time, and who gets the focus back when it closes. */
export class Panels {
  open = $state<PanelName>()
  menu = $state(false)
  shortcuts = $state(false)
  private opener: HTMLElement | undefined

  toggle(panel: PanelName, opener: HTMLElement): void {
    if (this.open === panel) {
      this.close()
      return
    }
    this.opener = opener
    this.open = panel
  }

  close(): void {
    this.open = undefined
    this.opener?.focus()
  }

  private menuOpener: HTMLElement | undefined

  toggleMenu(opener: HTMLElement): void {
    if (this.menu) {
      this.closeMenu(true)
      return
    }
    this.menuOpener = opener
    this.menu = true
  }

  closeMenu(giveFocusBack: boolean): void {
    this.menu = false
    if (giveFocusBack) this.menuOpener?.focus()
  }

  /** A panel opened from the menu gives the focus back to the button of the menu. */
  openFromMenu(panel: PanelName): void {
    this.opener = this.menuOpener
    this.open = panel
  }
}
