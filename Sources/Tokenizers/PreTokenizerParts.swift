extension TokenizerFile {
  mutating func preTokenizer(_ json: JSON) -> PreTokenizer? {
    switch json["type"]?.string {
    case "BertPreTokenizer": return .bert
    case "ByteLevel":
      return .byteLevel(
        addsPrefixSpace: flag(json, "add_prefix_space", "ByteLevel"),
        usesPattern: flag(json, "use_regex", "ByteLevel", else: true), spells: true)
    case "CharDelimiterSplit", "Delimiter":
      guard let delimiter = json["delimiter"]?.bytes, !delimiter.isEmpty else {
        return problem("pre-tokenizer CharDelimiterSplit without a delimiter")
      }
      return .split(.text(delimiter), .removed, isInverted: false)
    case "Digits":
      return .digits(individually: flag(json, "individual_digits", "Digits", else: false))
    case "FixedLength":
      let length = json["length"]?.integer ?? 5
      return length > 0
        ? .fixedLength(length) : problem("pre-tokenizer FixedLength of length \(length)")
    case "Metaspace": return metaspace(json).map { .metaspace($0) }
    case "Punctuation": return behavior(json, "Punctuation").map { .punctuation($0) }
    case "Sequence":
      guard let steps = json["pretokenizers"]?.array else {
        return problem("pre-tokenizer Sequence without pretokenizers")
      }
      return .sequence(steps.compactMap { preTokenizer($0) })
    case "Split":
      let inverts = flag(json, "invert", "Split", else: false)
      guard let behavior = behavior(json, "Split"),
        let pattern = pattern(json["pattern"], "pre-tokenizer Split")
      else { return nil }
      return .split(pattern, behavior, isInverted: inverts)
    case "Whitespace": return .whitespace
    case "WhitespaceSplit": return .whitespaceSplit
    default: return unsupported("pre-tokenizer", json)
    }
  }

  private mutating func behavior(_ json: JSON, _ owner: String) -> DelimiterBehavior? {
    let name = json["behavior"]?.string ?? DelimiterBehavior.isolated.rawValue
    return DelimiterBehavior(rawValue: name)
      ?? problem("pre-tokenizer \(owner) with behavior \(name)")
  }

  /// The pre-tokenizer's fields, which the decoder has as well.
  mutating func metaspace(_ json: JSON) -> Metaspace? {
    guard let replacement = json["replacement"]?.bytes, !replacement.isEmpty else {
      return problem("Metaspace without a replacement")
    }
    let addsPrefixSpace = flag(json, "add_prefix_space", "Metaspace", else: true)
    let name = json["prepend_scheme"]?.string ?? (addsPrefixSpace ? "always" : "never")
    guard let scheme = Metaspace.PrependScheme(rawValue: name), addsPrefixSpace || scheme == .never
    else {
      return problem(
        "Metaspace with prepend_scheme \(name)" + (addsPrefixSpace ? "" : " and no prefix space"))
    }
    return Metaspace(
      replacement: replacement, prependScheme: scheme,
      splits: flag(json, "split", "Metaspace", else: true))
  }
}
