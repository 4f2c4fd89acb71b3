import Foundation

/// `vocab.json` and `merges.txt`, as byte-level BPE was stored before `tokenizer.json`. What else a
/// tokenizer does depends on its class, which `tokenizer_config.json` or `config.json` names.
struct MergesFile {
  /// Builds what transformers builds from the same files.
  static func read(
    _ folder: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> Tokenizer.Parts {
    let family = try family(folder, configuration)
    let vocabularyPath = folder + "/vocab.json"
    var file = TokenizerFile()
    let vocabulary = file.vocabulary(try JSON.read(vocabularyPath))
    guard let vocabulary else {
      throw TokenizerError("\(vocabularyPath): \(file.problems.joined(separator: "; ")).")
    }
    let path = folder + "/merges.txt"
    let merges = try Self.merges(path)
    var options = BPE.Options(suffix: Array(family.suffix.utf8))
    func special(_ key: String, _ standard: String) -> [UInt8] {
      configuration.token(key) ?? Array(standard.utf8)
    }
    if family == .clip {
      options.unknown = vocabulary.id(of: special("unk_token", family.endOfText))
    }
    guard let model = file.bpe(vocabulary, merges, options) else {
      throw TokenizerError("\(path): \(file.problems.joined(separator: "; ")).")
    }

    let own = configuration.addedTokens
    let specials = family.specials(configuration).filter { token in
      !own.contains { $0.content == token }
    }
    var parts = Tokenizer.Parts(
      normalizer: family.normalizer, preTokenizer: family.preTokenizer(configuration),
      model: model, decoder: family.decoder,
      addedTokens: own
        + specials.map { AddedToken(content: $0, isNormalized: false, isSpecial: true) })
    parts.paddingToken = family.padding.map { Array($0.utf8) }
    let (cls, sep) =
      switch family {
      case .clip: (special("bos_token", "<|startoftext|>"), special("eos_token", family.endOfText))
      case .roberta: (special("cls_token", "<s>"), special("sep_token", "</s>"))
      case .gpt2, .qwen2: ([UInt8](), [UInt8]())
      }
    if !cls.isEmpty {
      guard let clsID = vocabulary.id(of: cls), let sepID = vocabulary.id(of: sep) else {
        let missing = vocabulary.id(of: cls) == nil ? cls : sep
        throw TokenizerError(
          "\(vocabularyPath): lacks \(String(decoding: missing, as: UTF8.self)), which \(family) "
            + "puts around a text.")
      }
      parts.postProcessor = .roberta(cls: (clsID, cls), sep: (sepID, sep))
      if family == .roberta && configuration.flag("trim_offsets", else: true) {
        let addsPrefixSpace = configuration.flag("add_prefix_space", else: false)
        parts.postProcessor.trims = [PostProcessor.Trim(addsPrefixSpace: addsPrefixSpace)]
      }
    }
    return parts
  }

  /// Two tokens a line, behind a line that names the format's version.
  private static func merges(
    _ path: String
  ) throws(TokenizerError) -> [(first: [UInt8], second: [UInt8])] {
    let bytes = try readBytes(path)
    var merges: [(first: [UInt8], second: [UInt8])] = []
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || line.starts(with: Array("#version".utf8)) { continue }
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw TokenizerError("\(path):\(number + 1): is not two tokens with a space between.")
      }
      merges.append((Array(parts[0]), Array(parts[1])))
    }
    return merges
  }

  private static func family(
    _ folder: String, _ configuration: TokenizerConfiguration
  ) throws(TokenizerError) -> Family {
    var name = configuration.tokenizerClass
    let path = folder + "/config.json"
    if name == nil, FileManager.default.fileExists(atPath: path) {
      name = try JSON.read(path)["model_type"]?.string
    }
    let known = "those of CLIP, GPT-2, Qwen2 and RoBERTa are understood"
    guard let name else {
      throw TokenizerError(
        "\(folder): has vocab.json and merges.txt, but neither tokenizer_config.json nor "
          + "config.json says of what class; \(known).")
    }
    guard let family = Family(name) else {
      throw TokenizerError(
        "\(folder): vocab.json and merges.txt are of \(excerpt(name)); \(known).")
    }
    return family
  }

  enum Family: String {
    case clip = "CLIP", gpt2 = "GPT-2", qwen2 = "Qwen2", roberta = "RoBERTa"

    /// From the name of a tokenizer's class, or of a model's type.
    init?(_ name: String) {
      switch name.replacing("TokenizerFast", with: "").replacing("Tokenizer", with: "").lowercased()
      {
      case "clip", "clip_text_model": self = .clip
      case "gpt2": self = .gpt2
      case "qwen2", "qwen3": self = .qwen2
      case "roberta", "bart", "longformer": self = .roberta
      default: return nil
      }
    }

    var suffix: String { self == .clip ? "</w>" : "" }
    var endOfText: String { "<|endoftext|>" }

    var normalizer: Normalizer? {
      switch self {
      case .clip: .sequence([.form(.nfc), .replace(.whitespace, by: [0x20]), .lowercase])
      case .qwen2: .form(.nfc)
      case .gpt2, .roberta: nil
      }
    }

    func preTokenizer(_ configuration: TokenizerConfiguration) -> PreTokenizer {
      let addsPrefixSpace = configuration.flag("add_prefix_space", else: false)
      switch self {
      case .clip:
        return .sequence([
          .split(.words(.clipWithSpecials), .removed, isInverted: true),
          .byteLevel(addsPrefixSpace: false, usesPattern: true, spells: true),
        ])
      case .gpt2, .roberta:
        return .byteLevel(addsPrefixSpace: addsPrefixSpace, usesPattern: true, spells: true)
      case .qwen2:
        return .sequence([
          .split(.words(.qwen2), .isolated, isInverted: false),
          .byteLevel(addsPrefixSpace: addsPrefixSpace, usesPattern: false, spells: true),
        ])
      }
    }

    var decoder: Decoder {
      guard self == .clip else { return .byteLevel }
      let suffix = Pattern.text(Array(suffix.utf8))
      return .sequence([.byteLevel, .replace(suffix, by: [0x20]), .trim])
    }

    var padding: String? {
      switch self {
      case .clip, .qwen2: endOfText
      case .roberta: "<pad>"
      case .gpt2: nil
      }
    }

    /// Tokens found in the text as they are.
    func specials(_ configuration: TokenizerConfiguration) -> [[UInt8]] {
      let standards: [(key: String, token: String?)] =
        switch self {
        case .clip:
          [
            ("unk_token", endOfText), ("bos_token", "<|startoftext|>"), ("eos_token", endOfText),
            ("pad_token", padding),
          ]
        case .gpt2:
          [
            ("unk_token", endOfText), ("bos_token", endOfText), ("eos_token", endOfText),
            ("pad_token", padding),
          ]
        case .qwen2:
          [
            ("unk_token", endOfText), ("bos_token", nil), ("eos_token", endOfText),
            ("pad_token", padding),
          ]
        case .roberta:
          [
            ("bos_token", "<s>"), ("eos_token", "</s>"), ("sep_token", "</s>"),
            ("cls_token", "<s>"), ("unk_token", "<unk>"), ("pad_token", padding),
            ("mask_token", "<mask>"),
          ]
        }
      var tokens: [[UInt8]] = []
      for (key, standard) in standards {
        let token = configuration.token(key) ?? standard.map { Array($0.utf8) }
        if let token, !tokens.contains(token) { tokens.append(token) }
      }
      return tokens + configuration.extraSpecialTokens.filter { !tokens.contains($0) }
    }
  }
}

extension MergesFile.Family: CustomStringConvertible {
  var description: String { rawValue }
}
