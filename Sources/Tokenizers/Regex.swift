internal import CPCRE2

/// Why a regular expression cannot be used.
struct RegexError: Error {
  let reason: String
}

/// A regular expression of any kind, by PCRE2, spelled so that it means what it does to Oniguruma,
/// which the library uses.
///
/// Expressions come from files, and some take time or memory that grows exponentially with the text.
/// So every step of a match is counted, by callouts, and there is a limit.
final class Regex: @unchecked Sendable {
  private let pattern: String
  private let code: OpaquePointer

  init(_ pattern: String) throws(RegexError) {
    self.pattern = pattern
    let text = try RegexTranslation.translated(pattern)
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var error: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    let options =
      UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_MULTILINE)
      | UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_AUTO_CALLOUT)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, context) else {
      throw RegexError(reason: Self.message(error))
    }
    self.code = code
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
  }

  deinit { pcre2_code_free_8(code) }

  private static func message(_ code: Int32) -> String {
    var message = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(code, &message, message.count)
    return String(decoding: message.prefix(max(0, Int(length))), as: UTF8.self)
  }

  /// What a search of a whole text may take, in scalars looked at: less than a second for a few
  /// thousand bytes.
  private struct Steps {
    var left: Int
    var position = 0

    init(for byteCount: Int) { left = min(1 << 14 * (byteCount + 1), 1 << 24 + 64 * byteCount) }
  }

  /// Called before each part of the expression. Runs of one class are not counted one by one there,
  /// but by how far they led.
  private static let count:
    @convention(c) (
      UnsafeMutablePointer<pcre2_callout_block_8>?, UnsafeMutableRawPointer?
    ) -> Int32 = { block, steps in
      let steps = steps!.assumingMemoryBound(to: Steps.self)
      let position = block!.pointee.current_position
      steps.pointee.left -= 1 + max(0, position - steps.pointee.position)
      steps.pointee.position = position
      return steps.pointee.left < 0 ? PCRE2_ERROR_CALLOUT : 0
    }

  /// Memory for a search, in KiB.
  private static let heapLimit: UInt32 = 256 << 10

  /// Calls `body` with every match in `bytes[range]`. An empty match is not taken where the last one
  /// ended.
  ///
  /// - Throws: ``TextError`` when a search takes too many steps or too much memory.
  func forEachMatch(
    in bytes: Bytes, _ range: Range<Int>, _ body: (Range<Int>) throws -> Void
  ) throws {
    guard let base = bytes.baseAddress else { return }
    let match = pcre2_match_data_create_8(1, nil)
    let context = pcre2_match_context_create_8(nil)
    pcre2_set_match_limit_8(context, .max)
    pcre2_set_depth_limit_8(context, .max)
    pcre2_set_heap_limit_8(context, Self.heapLimit)
    let steps = UnsafeMutablePointer<Steps>.allocate(capacity: 1)
    steps.initialize(to: Steps(for: range.count))
    pcre2_set_callout_8(context, Self.count, steps)
    defer {
      steps.deallocate()
      pcre2_match_data_free_8(match)
      pcre2_match_context_free_8(context)
    }
    let text = base + range.lowerBound
    var start = 0
    var lastEnd = -1
    // Validity is known: to check it for every match would take quadratic time.
    let options = UInt32(PCRE2_NO_UTF_CHECK)
    while start <= range.count {
      var count = pcre2_match_8(code, text, range.count, start, options, match, context)
      if count == PCRE2_ERROR_JIT_STACKLIMIT {
        // Compiled code goes back on a small stack, the interpreter on the heap.
        count = pcre2_match_8(
          code, text, range.count, start, options | UInt32(PCRE2_NO_JIT), match, context)
      }
      if count == PCRE2_ERROR_NOMATCH { return }
      guard count >= 0, let ends = pcre2_get_ovector_pointer_8(match) else {
        let problem =
          count == PCRE2_ERROR_CALLOUT ? "it takes too many steps" : Self.message(count)
        throw TextError(
          reason: "the expression '\(excerpt(pattern))' cannot be used on a text of \(range.count) "
            + "bytes: \(problem); wanted an expression whose time does not explode")
      }
      let (from, to) = (ends[0], ends[1])
      if from >= to && to == lastEnd {
        guard start < range.count else { return }
        start = bytes.scalar(at: range.lowerBound + start).next - range.lowerBound
        continue
      }
      try body(range.lowerBound + min(from, to)..<range.lowerBound + to)
      start = max(to, start)
      lastEnd = to
    }
  }
}
