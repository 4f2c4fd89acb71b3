/// The hub's early models had names without an organisation; the hub redirects those names, and a
/// cache may hold either spelling.
enum ModelAlias {
  /// The name as given first, then its other spelling, if it has one.
  static func spellings(of name: String, kind: Hub.Kind) -> [String] {
    guard kind == .model else { return [name] }
    if let slash = name.firstIndex(of: "/") {
      let plain = String(name[name.index(after: slash)...])
      return organisation(of: plain).map { $0 + "/" + plain } == name ? [name, plain] : [name]
    }
    return organisation(of: name).map { [name, $0 + "/" + name] } ?? [name]
  }

  private static func organisation(of plain: String) -> String? {
    families.first { plain == $0.stem || plain.hasPrefix($0.stem + "-") }?.organisation
  }

  private static let families: [(stem: String, organisation: String)] = [
    ("bert", "google-bert"), ("distilbert", "distilbert"), ("distilgpt2", "distilbert"),
    ("distilroberta", "distilbert"), ("roberta", "FacebookAI"), ("xlm-roberta", "FacebookAI"),
    ("xlm", "FacebookAI"), ("gpt2", "openai-community"), ("openai-gpt", "openai-community"),
    ("t5", "google-t5"), ("albert", "albert"), ("camembert", "almanach"),
    ("xlnet", "xlnet"), ("transfo-xl", "transfo-xl"), ("ctrl", "Salesforce"),
  ]
}
