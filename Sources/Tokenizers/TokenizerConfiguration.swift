import Foundation

/// What `tokenizer_config.json` says; every question has an answer when there is no such file.
struct TokenizerConfiguration {
  private var json = JSON.object([])
  /// `special_tokens_map.json`, where older folders name the special tokens.
  private var specials = JSON.object([])

  init() {}

  init(folder: String) throws(TokenizerError) {
    let map = folder + "/special_tokens_map.json"
    if FileManager.default.fileExists(atPath: map) { specials = try JSON.read(map) }
    let path = folder + "/tokenizer_config.json"
    guard FileManager.default.fileExists(atPath: path) else { return }
    json = try JSON.read(path)
    guard json.members != nil else { throw TokenizerError("\(path): is not a JSON object.") }
    for key in [
      "add_prefix_space", "do_lower_case", "strip_accents", "tokenize_chinese_chars",
      "trim_offsets",
    ] {
      if let value = json[key], !value.isNull, value.bool == nil {
        throw TokenizerError("\(path): \(key) is neither true nor false.")
      }
    }
  }

  var lowercases: Bool { json["do_lower_case"]?.bool ?? true }
  var separatesIdeographs: Bool { json["tokenize_chinese_chars"]?.bool ?? true }
  var stripsAccents: Bool? { json["strip_accents"]?.bool }
  var paddingSide: Side { json["padding_side"]?.string == "left" ? .left : .right }
  var truncationSide: Side { json["truncation_side"]?.string == "left" ? .left : .right }

  var tokenizerClass: String? { json["tokenizer_class"]?.string }

  func flag(_ key: String, else standard: Bool) -> Bool { json[key]?.bool ?? standard }

  /// A special token such as `pad_token`, written as a string or as an object with `content`.
  func token(_ key: String) -> [UInt8]? {
    (json[key] ?? specials[key]).flatMap { $0.bytes ?? $0["content"]?.bytes }
  }

  /// Special tokens that have no part to play.
  var extraSpecialTokens: [[UInt8]] {
    (json["additional_special_tokens"] ?? specials["additional_special_tokens"])?.array?
      .compactMap { $0.bytes ?? $0["content"]?.bytes } ?? []
  }

  /// `added_tokens_decoder`, in the order of ids.
  var addedTokens: [AddedToken] {
    (json["added_tokens_decoder"]?.members ?? [])
      .sorted { (Int(ascii: $0.key) ?? 0) < (Int(ascii: $1.key) ?? 0) }
      .compactMap { AddedToken($0.value) }
  }
}

extension Int {
  fileprivate init?(ascii: [UInt8]) { self.init(String(decoding: ascii, as: UTF8.self)) }
}

extension AddedToken {
  /// Reads `{"content": …, "lstrip": …, …}`; nil without a content.
  init?(_ json: JSON) {
    guard let content = json["content"]?.bytes else { return nil }
    self.content = content
    isWholeWord = json["single_word"]?.bool ?? false
    stripsLeft = json["lstrip"]?.bool ?? false
    stripsRight = json["rstrip"]?.bool ?? false
    isSpecial = json["special"]?.bool ?? false
    isNormalized = json["normalized"]?.bool ?? !isSpecial
  }
}

extension JSON {
  static func read(_ path: String) throws(TokenizerError) -> JSON {
    let bytes = try readBytes(path)
    do { return try parse(bytes) } catch {
      throw TokenizerError("\(path): is not JSON: \(error.reason), at byte \(error.offset).")
    }
  }
}
