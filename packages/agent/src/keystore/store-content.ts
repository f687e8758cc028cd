/** What stores of any format hold, as DER. */
export interface StoreContent {
  /** PKCS#8. */
  readonly keys: readonly Buffer[];
  /** Chains of the keys, and trusted ones. */
  readonly certificates: readonly Buffer[];
}
