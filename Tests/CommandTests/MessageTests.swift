import Foundation
import Testing

/// Whatever a path leads to, a command says so in one plain line, and soon.
@Suite struct MessageTests {
  private static let commands = [
    "train --config @", "train --config recap.yaml --checkpoint @",
    "train --config recap.yaml --dataset_path @",
    "train --config recap.yaml --set model.vision_model_name=@", "iterate --config @ --status",
    "label --checkpoint @ --dataset_path data", "act --checkpoint @",
    "export --checkpoint @ --output o",
    "evaluate --task carry --checkpoint @", "watch --task carry --checkpoint @ --output o.mp4",
    "dataset info @", "dataset stats @", "dataset convert @ --output o",
    "dataset merge data @ --output o",
    "dataset show @ --index 0", "tokenize --model @ x",
    "encode --model @ --text x --output o", "dataset show data --index 0 --png @/x",
  ]

  /// What no command can take for what it wants: to each command a pipe, and every third of the others.
  private func bad(_ place: Workplace, _ number: Int) throws -> [String] {
    #expect(mkfifo(place.path + "/fifo", 0o600) == 0)
    try "junk: [".write(to: place.url("junk"), atomically: true, encoding: .utf8)
    let others = [
      String(repeating: "q", count: 5000), "missing", "junk", "new\nline\u{1B}[31m", "junk/below",
      "/proc/self/mem",
    ]
    return ["fifo"] + others.indices.filter { $0 % 3 == number % 3 }.map { others[$0] }
  }

  private func isPlain(_ line: String) -> Bool {
    let inner = [
      "NSCocoa", "NSError", "NSURL", "Error Domain", "Optional(", "Swift.", "Foundation",
      "CocoaError",
      "DecodingError", "Fatal error", "The operation could",
    ]
    return line.hasPrefix("recap: error: ") && line.utf8.count < 2000
      && !inner.contains { line.contains($0) }
      && !line.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  @Test(arguments: commands.indices) func aBadPathIsOnePlainLine(number: Int) throws {
    let command = Self.commands[number]
    let place = try Workplace()
    // A pipe without a writer is an empty configuration, which lacks two keys.
    for path in try bad(place, number) where !(path == "fifo" && command.contains("--config @")) {
      let words = command.split(separator: " ").map { String($0).replacing("@", with: path) }
      let process = try Command.start(words, in: place)
      let end = Date(timeIntervalSinceNow: 30)
      while process.isRunning, Date() < end { usleep(20_000) }
      #expect(!process.isRunning, "\(command) waits for \(path.prefix(20))")
      if process.isRunning { process.terminate() }
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 1, "\(words)")
      let lines = try place.read(".errors").split(separator: "\n").map(String.init)
      let errors = lines.filter { $0.hasPrefix("recap: error: ") }
      #expect(
        errors.count == 1 && lines.last == errors.first, "\(command) \(path.prefix(20)): \(lines)")
      #expect(errors.allSatisfy(isPlain), "\(errors)")
    }
  }

  @Test func aPictureThatCannotBeWritten() throws {
    let place = try Workplace()
    let show = ["dataset", "show", "data", "--index", "0", "--png"]
    let full = try Command.run(show + ["/dev/full"], in: place)
    #expect(full.status == 1)
    #expect(
      full.errorLines == ["recap: error: /dev/full: cannot be written: no space left on device"])
    let small = try Command.run(show + ["o.png"], in: place, shell: "trap '' XFSZ; ulimit -f 1")
    #expect(small.status == 1)
    #expect(small.errors.hasSuffix("o.png: cannot be written: file too large\n"))
    #expect(mkfifo(place.path + "/fifo", 0o600) == 0)
    let pipe = try Command.run(show + ["fifo"], in: place)
    #expect(pipe.status == 1 && pipe.errorLines.count == 1)
    #expect(try Command.run(show + ["/dev/null"], in: place).status == 0)
  }

  /// JSON deeper than a stack, wherever JSON is read.
  @Test(arguments: ["[", "{\"a\":"]) func nestedJSON(unit: String) throws {
    let place = try Workplace()
    let deep = String(repeating: unit, count: 100_000)
    func write(_ file: String, _ text: String) throws {
      try FileManager.default.createDirectory(
        at: place.url(file).deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: place.url(file), atomically: true, encoding: .utf8)
    }
    var header = Data(withUnsafeBytes(of: UInt64(deep.utf8.count + 5).littleEndian) { Data($0) })
    header += Data("{\"a\":\(deep)".utf8)
    try FileManager.default.copyItem(
      atPath: place.path + "/vision", toPath: place.path + "/weights")
    try header.write(to: place.url("weights/model.safetensors"))
    try write("vision/config.json", deep)
    try write("info/meta/info.json", deep)
    try write("data/meta/episodes.jsonl", deep)
    try write("text/modules.json", deep)
    try write("run/plan.json", "{\"steps\": \(deep)")
    try write("tokens/tokenizer.json", deep)
    let picture = Command.repository + "/Examples/frame.png"
    for words in [
      ["dataset", "info", "info"], ["dataset", "info", "data"],
      ["tokenize", "--model", "tokens", "a"],
      ["encode", "--model", "vision", "--image", picture, "--output", "o"],
      ["encode", "--model", "weights", "--image", picture, "--output", "o"],
      ["encode", "--model", "text", "--text", "a", "--output", "o"],
      ["iterate", "--config", "recap.yaml", "--status"],
    ] {
      let result = try Command.run(words, in: place)
      #expect(result.status == 1 && result.errorLines.count == 1, "\(words): \(result.errors)")
      #expect(result.errorLines.allSatisfy(isPlain), "\(result.errors)")
    }
  }

  /// Names of 100,000 characters, and names that would steer a terminal.
  @Test func whatADatasetSaysIsCut() throws {
    let place = try Workplace()
    let long = String(repeating: "w", count: 100_000)
    let number = "{\"dtype\": \"float32\", \"shape\": [1]}"
    try place.edit("data/meta/info.json") {
      $0.replacing(
        "\"features\": {",
        with: "\"features\": {\"\(long)\": \(number), \"\\u001b[31m\\nx\": \(number),")
    }
    for file in ["tasks.jsonl", "episodes.jsonl"] {
      try place.edit("data/meta/\(file)") { $0.replacing("Push the T block.", with: long) }
    }
    for words in [["info", "data"], ["check", "data"], ["convert", "data", "--output", "o"]] {
      let result = try Command.run(["dataset"] + words, in: place)
      let lines = (result.output + result.errors).split(separator: "\n")
      #expect(lines.contains { $0.contains("www") }, "\(words)")
      #expect(lines.allSatisfy { $0.utf8.count < 4000 }, "\(words)")
      #expect(!lines.contains { $0.contains("\u{1B}") }, "\(words)")
    }
  }

  /// A configuration whose aliases would take gigabytes.
  @Test func aliasesThatMultiply() throws {
    let place = try Workplace()
    var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, before) in zip("bcdefghij", "abcdefghi") {
      let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
      bomb += "\(name): &\(name) [\(aliases)]\n"
    }
    try bomb.write(to: place.url("bomb.yaml"), atomically: true, encoding: .utf8)
    let limit = "ulimit -v 4000000"
    let file = try Command.run(["train", "--config", "bomb.yaml"], in: place, shell: limit)
    #expect(file.status == 1 && file.errors.contains("bomb.yaml:6: more than 100000 values"))
  }

  @Test func aTextThatATokenizerExplodesOn() throws {
    let place = try Workplace()
    let parts =
      "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$\"}, "
      + "\"behavior\": \"Isolated\"}, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}"
    try "{\(parts)}".write(to: place.url("tokenizer.json"), atomically: true, encoding: .utf8)
    let result = try Command.run(
      ["tokenize", "--model", "tokenizer.json", String(repeating: "a", count: 50) + "!"], in: place)
    #expect(result.status == 1 && result.output == "")
    #expect(
      result.errorLines == [
        "recap: error: tokenizer.json: the expression '(a+)+$' cannot be used on a text of 51 bytes: "
          + "it takes too many steps; wanted an expression whose time does not explode."
      ])
  }
}
