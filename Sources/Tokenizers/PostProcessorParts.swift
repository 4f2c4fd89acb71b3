extension TokenizerFile {
  mutating func postProcessor(_ json: JSON) -> PostProcessor? {
    switch json["type"]?.string {
    case "BertProcessing":
      guard let cls = special(json["cls"]), let sep = special(json["sep"]) else {
        return problem("post-processor BertProcessing without tokens and ids of cls and sep")
      }
      return .bert(cls: cls, sep: sep)
    case "ByteLevel":
      var processor = PostProcessor()
      processor.trims = trims(json, "ByteLevel")
      return processor
    case "RobertaProcessing":
      guard let cls = special(json["cls"]), let sep = special(json["sep"]) else {
        return problem("post-processor RobertaProcessing without tokens and ids of cls and sep")
      }
      var processor = PostProcessor.roberta(cls: cls, sep: sep)
      processor.trims = trims(json, "RobertaProcessing")
      return processor
    case "Sequence": return sequence(json["processors"]?.array)
    case "TemplateProcessing":
      let specials = json["special_tokens"]
      return PostProcessor(
        single: template(json["single"], specials), pair: template(json["pair"], specials))
    default: return unsupported("post-processor", json)
    }
  }

  private func special(_ json: JSON?) -> (Int, [UInt8])? {
    guard let pair = json?.array, pair.count == 2, let token = pair[0].bytes,
      let id = pair[1].id
    else { return nil }
    return (id, token)
  }

  private mutating func trims(_ json: JSON, _ owner: String) -> [PostProcessor.Trim] {
    let addsPrefixSpace = flag(json, "add_prefix_space", owner, else: true)
    return flag(json, "trim_offsets", owner, else: true)
      ? [PostProcessor.Trim(addsPrefixSpace: addsPrefixSpace)] : []
  }

  /// Steps that trim, and at most one that adds tokens.
  private mutating func sequence(_ steps: [JSON]?) -> PostProcessor? {
    guard let steps else { return problem("post-processor Sequence without processors") }
    var result = PostProcessor()
    var adder: String?
    for step in steps {
      guard let processor = postProcessor(step) else { continue }
      let type = step["type"]?.string ?? ""
      result.trims += processor.trims.map { trim in
        var trim = trim
        trim.hasFirst.first = adder == "BertProcessing" || adder == "RobertaProcessing"
        trim.hasFirst.second = adder == "RobertaProcessing"
        return trim
      }
      if type == "ByteLevel" { continue }
      if let adder { return problem("post-processor Sequence of both \(adder) and \(type)") }
      adder = type
      (result.single, result.pair) = (processor.single, processor.pair)
    }
    return result
  }

  private mutating func template(_ json: JSON?, _ specials: JSON?) -> [PostProcessor.Piece] {
    var pieces: [PostProcessor.Piece] = []
    for piece in json?.array ?? [] {
      let sequence = piece["Sequence"]
      let special = piece["SpecialToken"]
      let typeID = (sequence ?? special)?["type_id"]?.id ?? 0
      switch (sequence?["id"]?.string, special?["id"]?.string) {
      case ("A", nil): pieces.append(.first(typeID: typeID))
      case ("B", nil): pieces.append(.second(typeID: typeID))
      case (nil, let name?):
        let ids = specials?[name]?["ids"]?.array?.compactMap(\.id) ?? []
        let tokens = specials?[name]?["tokens"]?.array?.compactMap(\.bytes) ?? []
        if !ids.isEmpty && ids.count == tokens.count {
          pieces.append(.special(tokens: zip(ids, tokens).map { ($0, $1) }, typeID: typeID))
        } else {
          problems.append("TemplateProcessing's special token \(name) has no ids and tokens")
        }
      default: problems.append("a piece of TemplateProcessing")
      }
    }
    return pieces
  }
}
