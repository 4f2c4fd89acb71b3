/// Encodes one text: added tokens out of the text as it is, then out of the normalised text, and the
/// model for what remains.
struct TextEncoder {
  let parts: Tokenizer.Parts
  let added: AddedTokens
  let tracksOrigins: Bool
  let isDetailed: Bool
  let work: Workspace

  func encode(_ text: Bytes) throws -> TextTokens {
    var run = Run(
      tokens: ModelTokens(wantsRanges: isDetailed), result: TextTokens(isDetailed: isDetailed),
      scalarPlaces: isDetailed ? Self.scalarPlaces(text) : [])
    run.tokens.ids.reserveCapacity(text.count / 3 + 4)
    for part in added.partsOfRawText(text) {
      if let id = part.id {
        add(id, text[part.range], part.range, to: &run)
        continue
      }
      var piece = NormalizedText(text, part.range, tracksOrigins: tracksOrigins)
      try parts.normalizer?.apply(&piece)
      for part in piece.bytes.withUnsafeBufferPointer(added.partsOfNormalizedText) {
        if let id = part.id {
          let content = piece.bytes[part.range]
          add(id, content, origin(part.range, in: piece), to: &run)
        } else {
          try encode(piece, part.range, into: &run)
        }
      }
    }
    run.result.ids = run.tokens.ids
    return run.result
  }

  /// What has been made so far.
  private struct Run {
    var tokens: ModelTokens
    var result: TextTokens
    /// The scalar that each byte of the text is of.
    let scalarPlaces: [Int32]
    var wordCount = 0
  }

  private func encode(_ piece: NormalizedText, _ range: Range<Int>, into run: inout Run) throws {
    var text = piece
    var words = work.words
    words.removeAll(keepingCapacity: true)
    words.append(range)
    defer { work.words = words }
    try parts.preTokenizer?.apply(&text, &words)
    let remembers = !isDetailed && parts.model.isWorthRemembering
    text.bytes.withUnsafeBufferPointer { bytes in
      for word in words where !word.isEmpty {
        let first = run.tokens.ids.count
        if remembers {
          work.remember(Bytes(rebasing: bytes[word]), into: &run.tokens) {
            parts.model.encode(bytes, word, into: &$0, work)
          }
        } else {
          parts.model.encode(bytes, word, into: &run.tokens, work)
          if isDetailed { addDetails(text, from: first, to: &run) }
        }
        run.wordCount += 1
      }
    }
  }

  private func addDetails(_ text: NormalizedText, from first: Int, to run: inout Run) {
    for index in first..<run.tokens.ids.count {
      let (id, range) = (run.tokens.ids[index], run.tokens.ranges[index])
      let token =
        parts.model.isSpelledByText(id)
        ? Array(text.bytes[range]) : parts.model.vocabulary.token(of: id) ?? []
      run.result.details.append(
        TextTokens.Detail(
          token: token, offsets: offsets(origin(range, in: text), run), word: run.wordCount))
    }
  }

  private func add(
    _ id: Int, _ content: some Collection<UInt8>, _ range: @autoclosure () -> Range<Int>,
    to run: inout Run
  ) {
    run.tokens.append(id, 0, 0)
    if isDetailed {
      run.result.details.append(
        TextTokens.Detail(
          token: Array(content), offsets: offsets(range(), run), word: run.wordCount))
    }
    run.wordCount += 1
  }

  /// The bytes of the given text that a stretch of normalised text stands for.
  private func origin(_ range: Range<Int>, in text: NormalizedText) -> Range<Int> {
    guard !range.isEmpty, range.upperBound <= text.origins.count else { return range }
    let start = Int(text.origins[range.lowerBound].start)
    return start..<max(start, Int(text.origins[range.upperBound - 1].end))
  }

  /// Scalars for bytes. What begins at the text's end keeps its bytes, as in the library.
  private func offsets(_ range: Range<Int>, _ run: Run) -> Range<Int> {
    let places = run.scalarPlaces
    guard range.lowerBound < places.count else { return range }
    let start = Int(places[range.lowerBound])
    if range.upperBound < places.count { return start..<Int(places[range.upperBound]) }
    return start..<Int(places[places.count - 1]) + 1
  }

  private static func scalarPlaces(_ text: Bytes) -> [Int32] {
    var places: [Int32] = []
    places.reserveCapacity(text.count)
    var place: Int32 = -1
    for byte in text {
      if byte & 0xC0 != 0x80 { place += 1 }
      places.append(place)
    }
    return places
  }
}
