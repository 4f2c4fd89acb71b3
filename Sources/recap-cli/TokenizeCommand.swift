internal import ArgumentParser
internal import Foundation
internal import Hub
internal import Platform
internal import Tokenizers

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Print what a model's tokenizer makes of a text: ids, tokens, and the way back.",
    discussion: """
      The first line has the ids as a JSON list, special tokens included, neither
      cut nor padded: what Python's tokenizers give. Then comes a line for each
      token: its id, how the vocabulary spells it, what it stands for in the text,
      and where, in Unicode scalars. Last is the text that the ids decode to.

      Several TEXTs are one text with spaces between. Without any, the text is
      read from standard input.

      EXAMPLE
        recap tokenize --model openai/clip-vit-base-patch32 pick up the red block
        recap tokenize --model path/to/tokenizer.json < instruction.txt
        recap tokenize --model google/gemma-3-270m "Hello" | head -n 1 | jq length
      """)

  @Option(
    help: ArgumentHelp(
      "A model's folder, its tokenizer.json, or its name on the hub.", valueName: "model"))
  var model: String

  @Argument(help: ArgumentHelp("The text.", valueName: "text"))
  var text: [String] = []

  func run() throws {
    let tokenizer = try Tokenizer.load(model)
    var whole = text.joined(separator: " ")
    if text.isEmpty {
      whole = String(decoding: try StandardInput().readAll(), as: UTF8.self)
      if whole.utf8.last == 0x0A { whole.unicodeScalars.removeLast() }
    }
    let encoding = try tokenizer.encode(whole)
    try printOutput("[" + encoding.ids.map(String.init).joined(separator: ", ") + "]")
    try printOutput("\n" + table(lines(encoding, whole), textColumns: 0))

    let special = encoding.specialTokensMask.reduce(0, +)
    let decoded = try tokenizer.decode(encoding.ids)
    let isSame = decoded.utf8.elementsEqual(whole.utf8)
    try printOutput()
    try printOutput(
      table([
        ("tokens", "\(encoding.ids.count)" + (special > 0 ? ", \(special) of them special" : "")),
        ("text", quoted(whole)),
        ("decoded", isSame ? "the same" : quoted(decoded)),
      ]))
  }

  /// Id, token, and where it lies.
  private func lines(_ encoding: Encoding, _ text: String) -> [[String]] {
    let scalars = Array(text.unicodeScalars)
    var lines = [["id", "  token", "  text", "  at"]]
    for index in encoding.ids.indices {
      let (id, token) = ("\(encoding.ids[index])", printable(encoding.tokens[index]))
      guard encoding.specialTokensMask[index] == 0 else {
        lines.append([id, "  " + token])
        continue
      }
      let offsets = encoding.offsets[index].clamped(to: 0..<scalars.count)
      let part = String(String.UnicodeScalarView(scalars[offsets]))
      lines.append([
        id, "  " + token, "  " + quoted(part), "  \(offsets.lowerBound)..<\(offsets.upperBound)",
      ])
    }
    let widths = (0..<4).map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    // The ids end in one column, the rest begin in one.
    return lines.map { line in
      line.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? space + cell : cell + space
      }
    }
  }

  private func quoted(_ text: String) -> String { "\"" + printable(text) + "\"" }

  /// The text with what cannot be seen escaped, and the middle of a long one left out.
  private func printable(_ text: String) -> String {
    let (scalars, most) = (text.unicodeScalars, 400)
    if scalars.count > most {
      let (start, end) = (scalars.prefix(most / 2), scalars.suffix(most / 2))
      return printable(String(start)) + " … " + printable(String(end))
    }
    var result = ""
    for scalar in scalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator:
        result += scalar.escaped(asASCII: true)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Tokenizer {
  /// The tokenizer of a folder, of a `tokenizer.json`, or of a model on the hub, of which only the
  /// tokenizer's files are wanted.
  static func load(_ name: String) throws -> Tokenizer {
    var isFolder: ObjCBool = false
    let path = NSString(string: name).expandingTildeInPath
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      return try Tokenizer(file: path)
    }
    let files = [
      "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
      "merges.txt", "vocab.txt", "config.json",
    ]
    return try Tokenizer(folder: Hub.folder(for: name, including: files.contains).path)
  }
}
