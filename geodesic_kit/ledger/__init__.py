"""The ledger of claims: what each says, how rows are gathered from notebooks, and how they are printed."""
