/** Which of several probes of one site accounts for the floor: a trap is paid once, however many count it. */

/** A probe that may share its site. */
export interface SiteProbe<T> {
  readonly siteKey: string;
  readonly isEnabled: boolean;
  /** The probe that accounts for the floor of this one's sites; null when it does so itself. */
  payer: T | null;
  /** Tells the kernel who pays. */
  writeSlots(): void;
}

/** The probes that count now, by site. */
export class SiteFloors<T extends SiteProbe<T>> {
  readonly #bySite = new Map<string, Set<T>>();
  readonly #covers: (payer: T, other: T) => boolean;

  /** @param covers whether whoever executes the site in the scope of `other` is in that of `payer` too */
  constructor(covers: (payer: T, other: T) => boolean) {
    this.#covers = covers;
  }

  /** A probe begins to count, before its slots say so. */
  add(probe: T): void {
    const others = this.#bySite.get(probe.siteKey) ?? new Set();
    probe.payer = this.#findPayer(probe, others);
    this.#bySite.set(probe.siteKey, others.add(probe));
  }

  /** A probe counts no more: those that it paid for find another. */
  delete(probe: T): void {
    const others = this.#bySite.get(probe.siteKey);
    if (!others?.delete(probe)) return;
    if (others.size === 0) this.#bySite.delete(probe.siteKey);
    const earlier = new Set<T>();
    for (const other of others) {
      if (other.payer === probe) {
        other.payer = this.#findPayer(other, earlier);
        other.writeSlots();
      }
      earlier.add(other);
    }
    probe.payer = null;
  }

  #findPayer(probe: T, earlier: Iterable<T>): T | null {
    for (const other of earlier) if (other.payer === null && this.#covers(other, probe)) return other;
    return null;
  }
}
