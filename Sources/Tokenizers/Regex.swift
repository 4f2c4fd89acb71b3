internal import CPCRE2

/// Why a regular expression cannot be used.
struct RegexError: Error {
  let reason: String
}

/// A regular expression of any kind, by PCRE2, spelled so that it means what it does to Oniguruma,
/// which the library uses.
final class Regex: @unchecked Sendable {
  private let code: OpaquePointer

  init(_ pattern: String) throws(RegexError) {
    let text = try RegexTranslation.translated(pattern)
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var error: Int32 = 0
    var offset = 0
    let bytes = Array(text.utf8)
    let options =
      UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_MULTILINE)
      | UInt32(PCRE2_NEVER_BACKSLASH_C)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, context) else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(error, &message, message.count)
      let reason = String(decoding: message.prefix(max(0, Int(length))), as: UTF8.self)
      throw RegexError(reason: reason)
    }
    self.code = code
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
  }

  deinit { pcre2_code_free_8(code) }

  /// Calls `body` with every match in `bytes[range]`. An empty match is not taken where the last one
  /// ended.
  func forEachMatch(in bytes: Bytes, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    let match = pcre2_match_data_create_8(1, nil)
    let context = pcre2_match_context_create_8(nil)
    pcre2_set_match_limit_8(context, .max)
    pcre2_set_depth_limit_8(context, .max)
    defer {
      pcre2_match_data_free_8(match)
      pcre2_match_context_free_8(context)
    }
    guard let base = bytes.baseAddress else { return }
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
        fatalError("PCRE2 gave up on a text with error \(count).")
      }
      let (from, to) = (ends[0], ends[1])
      if from >= to && to == lastEnd {
        guard start < range.count else { return }
        start = bytes.scalar(at: range.lowerBound + start).next - range.lowerBound
        continue
      }
      body(range.lowerBound + min(from, to)..<range.lowerBound + to)
      start = max(to, start)
      lastEnd = to
    }
  }
}
