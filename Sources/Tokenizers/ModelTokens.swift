/// What a model makes of words: ids, and on request where each token lies in the text.
struct ModelTokens {
  var ids: [Int] = []
  /// As many as ``ids``, when they are wanted.
  var ranges: [Range<Int>] = []
  let wantsRanges: Bool

  @inline(__always)
  mutating func append(_ id: Int, _ start: Int, _ end: Int) {
    ids.append(id)
    if wantsRanges { ranges.append(start..<end) }
  }

  mutating func removeAll(from first: Int) {
    ids.removeLast(ids.count - first)
    if wantsRanges { ranges.removeLast(ranges.count - first) }
  }
}
