extension TokenizerFile {
  mutating func decoder(_ json: JSON) -> Decoder? {
    switch json["type"]?.string {
    case "BPEDecoder":
      let suffix = json["suffix"]?.bytes ?? Array("</w>".utf8)
      return suffix.isEmpty
        ? problem("decoder BPEDecoder of an empty suffix") : .bpe(suffix: suffix)
    case "ByteFallback": return .byteFallback
    case "ByteLevel": return .byteLevel
    case "CTC":
      let padding = json["pad_token"]?.bytes ?? Array("<pad>".utf8)
      let delimiter = json["word_delimiter_token"]?.bytes ?? Array("|".utf8)
      guard !padding.isEmpty, !delimiter.isEmpty else {
        return problem("decoder CTC of an empty pad_token or word_delimiter_token")
      }
      return .ctc(
        padding: padding, delimiter: delimiter,
        cleanup: flag(json, "cleanup", "CTC", else: true))
    case "Fuse": return .fuse
    case "Metaspace": return metaspace(json).map { .metaspace($0) }
    case "Replace":
      guard let content = json["content"]?.bytes else {
        return problem("decoder Replace without content")
      }
      return pattern(json["pattern"], "decoder Replace").map { .replace($0, by: content) }
    case "Sequence":
      guard let steps = json["decoders"]?.array else {
        return problem("decoder Sequence without decoders")
      }
      return .sequence(steps.compactMap { decoder($0) })
    case "Strip":
      let scalars = Array((json["content"]?.string ?? "").unicodeScalars)
      guard scalars.count == 1, let start = json["start"]?.integer, start >= 0,
        let stop = json["stop"]?.integer, stop >= 0
      else { return problem("decoder Strip without content, start and stop") }
      return .strip(content: scalars[0].value, start: start, stop: stop)
    case "WordPiece":
      return .wordPiece(
        prefix: json["prefix"]?.bytes ?? Array("##".utf8),
        cleanup: flag(json, "cleanup", "WordPiece", else: true))
    default: return unsupported("decoder", json)
    }
  }
}
