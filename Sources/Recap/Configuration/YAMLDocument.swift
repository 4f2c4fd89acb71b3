internal import CYaml
internal import Platform
internal import Yams

/// Reads YAML, which a configuration file or a checkpoint brings.
///
/// An alias (`*name`) stands for everything that its anchor (`&name`) holds, so that a few lines can
/// stand for gigabytes. What a document holds is therefore counted before it is built.
enum YAMLDocument {
  /// Values and keys, those counted again that an alias stands for.
  static let largestCount = 100_000
  /// Levels of lists and mappings; a configuration has three.
  static let deepest = 64

  /// The one document of a text; nil where there is none.
  ///
  /// - Throws: a `ConfigurationError` of one line.
  static func read(_ text: String, file: String) throws -> Node? {
    // A byte order mark is no part of the text.
    let text = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
    try check(text, file: file)
    do { return try Yams.compose(yaml: text) } catch YamlError.duplicatedKeysInMapping(
      let keys, let context)
    {
      throw ConfigurationError(problems: [
        "\(file):\(context.mark.line): key '\(excerpt(keys.first ?? ""))' is there twice; wanted it once"
      ])
    } catch {
      let lines = "\(error)".split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
      let problem = excerpt(lines.joined(separator: " "), 300)
      throw ConfigurationError(problems: ["\(file): not YAML: \(problem)"])
    }
  }

  /// Stops at a document that is too large or too deep. What is no YAML is left to Yams, which says why.
  private static func check(_ text: String, file: String) throws {
    var parser = yaml_parser_t()
    yaml_parser_initialize(&parser)
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    var text = text
    try text.withUTF8 { bytes in
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      func tooDeep(_ line: Int) -> ConfigurationError {
        ConfigurationError(problems: [
          "\(file):\(line): more than \(deepest) levels, one in another; wanted sections of keys "
            + "with values"
        ])
      }
      var size = Size()
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
          let problem = parser.problem.map { String(cString: $0) } ?? ""
          if problem.hasPrefix("Maximum nesting level") { throw tooDeep(parser.mark.line + 1) }
          return
        }
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT { return }
        size.take(event)
        let line = event.start_mark.line + 1
        guard size.depth <= deepest else { throw tooDeep(line) }
        guard size.total <= largestCount else {
          throw ConfigurationError(problems: [
            "\(file):\(line): more than \(largestCount) values, counting what aliases (*name) stand for; "
              + "wanted sections of keys with values"
          ])
        }
      }
    }
  }

  /// How much a document holds, as far as it was read.
  private struct Size {
    private(set) var total = 0
    private var anchors: [String: Int] = [:]
    /// Of the lists and mappings that are open: their anchors, and the count where they began.
    private var open: [(anchor: String?, start: Int)] = []

    var depth: Int { open.count }

    mutating func take(_ event: yaml_event_t) {
      func name(_ anchor: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        anchor.map { String(cString: $0) }
      }
      switch event.type {
      case YAML_ALIAS_EVENT:
        total += name(event.data.alias.anchor).flatMap { anchors[$0] } ?? 1
      case YAML_SCALAR_EVENT:
        total += 1
        if let anchor = name(event.data.scalar.anchor) { anchors[anchor] = 1 }
      case YAML_SEQUENCE_START_EVENT:
        open.append((name(event.data.sequence_start.anchor), total))
        total += 1
      case YAML_MAPPING_START_EVENT:
        open.append((name(event.data.mapping_start.anchor), total))
        total += 1
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        let (anchor, start) = open.removeLast()
        if let anchor { anchors[anchor] = total - start }
      default: break
      }
    }
  }
}
