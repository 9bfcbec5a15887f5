export type PanelName = 'people' | 'security' | 'devices'
export type MenuName = 'react' | 'more' | 'leave'

/** What is open beside the pictures, one at a time, and who gets the focus back when it closes. */
export class Panels {
  open = $state<PanelName>()
  menu = $state<MenuName>()
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

  /** Opened by something that goes away with it: the control of the same name gives the focus a place to return to. */
  show(panel: PanelName): void {
    this.opener = document.querySelector<HTMLElement>(`[data-opens="${panel}"]`) ?? undefined
    this.open = panel
  }

  close(): void {
    this.open = undefined
    this.opener?.focus()
  }

  closeAll(): void {
    this.shortcuts = false
    if (this.open) this.close()
  }

  private menuOpener: HTMLElement | undefined

  toggleMenu(menu: MenuName, opener: HTMLElement): void {
    if (this.menu === menu) {
      this.closeMenu(true)
      return
    }
    this.menuOpener = opener
    this.menu = menu
  }

  closeMenu(giveFocusBack: boolean): void {
    this.menu = undefined
    if (giveFocusBack) this.menuOpener?.focus()
  }

  /** A panel opened from the menu gives the focus back to the button of the menu. */
  openFromMenu(panel: PanelName): void {
    this.opener = this.menuOpener
    this.open = panel
  }
}
