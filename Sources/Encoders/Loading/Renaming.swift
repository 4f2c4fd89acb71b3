/// Parts of parameters' names that an older release of `transformers` writes in another way.
struct Renaming: Sendable {
  /// A part that ends another one comes after it.
  let parts: [(older: String, newer: String)]

  /// The name as the newer release writes it; one that is spelled so already stays.
  func newer(_ name: String) -> String {
    parts.reduce(name) { $0.replacing($1.older, with: $1.newer) }
  }

  /// The name as the older release writes it.
  func older(_ name: String) -> String {
    parts.reduce(name) { $0.replacing($1.newer, with: $1.older) }
  }
}
