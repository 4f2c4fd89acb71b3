extension TokenizerFile {
  mutating func normalizer(_ json: JSON) -> Normalizer? {
    switch json["type"]?.string {
    case "BertNormalizer", "Bert":
      let lowercases = flag(json, "lowercase", "BertNormalizer")
      var strips = lowercases
      if let value = json["strip_accents"], !value.isNull {
        strips = flag(json, "strip_accents", "BertNormalizer")
      }
      return .bert(
        BERTNormalizer(
          cleansText: flag(json, "clean_text", "BertNormalizer"),
          separatesIdeographs: flag(json, "handle_chinese_chars", "BertNormalizer"),
          stripsAccents: strips, lowercases: lowercases))
    case "ByteLevel": return .byteLevel
    case "Lowercase": return .lowercase
    case "NFC": return .form(.nfc)
    case "NFD": return .form(.nfd)
    case "NFKC": return .form(.nfkc)
    case "NFKD": return .form(.nfkd)
    case "Nmt": return .nmt
    case "Precompiled":
      guard let text = json["precompiled_charsmap"]?.string,
        let charsmap = PrecompiledCharsmap(base64: text)
      else { return problem("normalizer Precompiled without rules that can be read") }
      return .precompiled(charsmap)
    case "Prepend":
      guard let content = json["prepend"]?.bytes else {
        return problem("normalizer Prepend without a text")
      }
      return .prepend(content)
    case "Replace":
      guard let content = json["content"]?.bytes else {
        return problem("normalizer Replace without content")
      }
      return pattern(json["pattern"], "normalizer Replace").map { .replace($0, by: content) }
    case "Sequence":
      guard let steps = json["normalizers"]?.array else {
        return problem("normalizer Sequence without normalizers")
      }
      return .sequence(steps.compactMap { normalizer($0) })
    case "Strip":
      return .strip(
        left: flag(json, "strip_left", "Strip"), right: flag(json, "strip_right", "Strip"))
    case "StripAccents": return .stripAccents
    default: return unsupported("normalizer", json)
    }
  }
}
