import Foundation
import Testing
import Torch

/// A trained policy as a filter from observations to actions.
@Suite struct ActTests {
  private let train = ["train", "--config", "recap.yaml", "--device", "cpu"]
  private let picture = Command.repository + "/Examples/frame.png"

  private func actions(_ result: Result) throws -> [[[Double]]] {
    try result.output.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as! [String: Any]
      return object["actions"] as! [[Double]]
    }
  }

  @Test func oneLineForEachObservation() throws {
    let place = try Workplace()
    #expect(try Command.run(train, in: place).status == 0)
    let base64 = try Data(contentsOf: URL(fileURLWithPath: picture)).base64EncodedString()
    let instruction = "\"instruction\": \"Push the T block.\""
    let lines = [
      "{\"images\": {\"observation.image\": \"\(picture)\"}, \(instruction)}",
      "{\"image\": \"\(base64)\", \(instruction)}",
      "{\"image\": \"data:image/png;base64,\(base64)\", \(instruction)}",
      "",
      "{\"image\": \"\(picture)\", \"instruction\": \"Push the grey T block away.\"}",
    ]
    let acted = try Command.run(
      ["act", "--checkpoint", "run"], in: place, input: lines.joined(separator: "\n") + "\n")
    try #require(acted.status == 0, "\(acted.errors)")
    let found = try actions(acted)
    try #require(found.count == 4)
    #expect(found.allSatisfy { $0.count == 1 && $0[0].count == 2 })
    // Actions are pixels again, not standard deviations.
    #expect(found[0][0].allSatisfy { $0 > 20 && $0 < 500 })
    #expect(found[1] == found[0] && found[2] == found[0])
    #expect(found[3] != found[0])
    // The advantage it is conditioned on matters, and 1 is the default after autonomous training.
    func conditioned(_ advantage: String) throws -> [[[Double]]] {
      try actions(
        Command.run(
          ["act", "--checkpoint", "run", "--advantage", advantage], in: place, input: lines[0]))
    }
    #expect(try conditioned("1")[0] == found[0])
    #expect(try conditioned("-2")[0] != found[0])
  }

  /// A policy of two numbers' state, trained once for all lines.
  private func trained(_ more: String...) throws -> Workplace {
    let place = try Workplace()
    let result = try Command.run(
      train + ["--set", "model.use_state=true"] + more.flatMap { ["--set", $0] }, in: place)
    try #require(result.status == 0, "\(result.errors)")
    return place
  }

  /// Lines that are no observation, each with words of its answer.
  private func refused(_ picture: String) -> [(line: String, words: String)] {
    let valid = "\"image\": \"\(picture)\""
    func state(_ text: String) -> String { "{\(valid), \"state\": \(text)}" }
    let base64 = String(repeating: "QUFB", count: 100)
    return [
      ("[1]", "not a JSON object but an array"), ("5", "not a JSON object but 5"),
      ("{bad", "is not valid JSON: a key wanted at byte 1"),
      ("{\(valid)}{\(valid)}", "is not valid JSON: the end wanted"),
      (String(repeating: "[", count: 100_000), "fewer than 128 levels"),
      ("{\"picture\": \"a\"}", "unknown key 'picture'"),
      ("{\"\(String(repeating: "k", count: 9000))\": 1}", "unknown key 'kkkk"),
      ("{\(valid), \"state\": [1, 2], \"state\": [3, 4]}", "has the key 'state' twice"),
      (state("[NaN, 2]"), "'state' has nan at place 0; wanted a finite number"),
      (state("[1, -Infinity]"), "'state' has -inf at place 1"),
      (state("[1e400, 2]"), "'state' has inf at place 0"),
      (state("[1e39, 2]"), "'state' has 1e+39 at place 0"),
      (state("[1, true]"), "'state' has true at place 1; wanted a number"),
      (state("[[1, 2]]"), "'state' has an array at place 0"),
      (state("[\"1\", 2]"), "'state' has \"1\" at place 0"),
      (state("{\"x\": 1}"), "'state' is an object; wanted a list"),
      (state("[1]"), "'state' has 1 values; wanted 2"),
      (state("[1, 2, 3]"), "'state' has 3 values; wanted 2"),
      (state("null"), "there is no 'state'; wanted 2 numbers"),
      ("{\(valid), \"instruction\": 5}", "'instruction' is 5; wanted a text"),
      ("{\"state\": [1, 2]}", "no picture of camera 'observation.image'; there is none"),
      (
        "{\"images\": {\"other\": \"x\"}}",
        "no picture of camera 'observation.image'; there are those of 'other'"
      ),
      (
        "{\"images\": {\"observation.image\": \"\(picture)\", \"wrist\": \"\(picture)\"}}",
        "unknown camera 'wrist'; this policy sees observation.image"
      ),
      ("{\"images\": [\"x\"]}", "'images' is an array"),
      ("{\(valid), \"images\": {}}", "there are 'images' and 'image'"),
      ("{\"image\": 5}", "a picture is 5; wanted"),
      ("{\"image\": \"none.png\"}", "'none.png' is neither a picture's path"),
      ("{\"image\": \"\"}", "'' is neither a picture's path"),
      ("{\"image\": \"\(picture)\\u0000\"}", "is neither a picture's path"),
      ("{\"image\": \"pipe\"}", "pipe: cannot be read: it is no plain file"),
      ("{\"image\": \"data\"}", "data: cannot be read: it is a folder"),
      ("{\"image\": \"/dev/zero\"}", "/dev/zero: cannot be read: it is no plain file"),
      ("{\"image\": \"recap.yaml\"}", "recap.yaml: is not a picture"),
      (
        "{\"image\": \"huge.png\"}",
        "huge.png: is damaged, cut short, or has more than 134217728 pixels"
      ),
      ("{\"image\": \"\(base64)\"}", "the picture in base64: is not a picture"),
      ("{\"image\": \"data:image/png\"}", "'data:image/png' is neither"),
    ]
  }

  @Test func aLineThatIsNoObservationIsAnsweredAndTheNextOneRead() throws {
    let place = try trained()
    try #require(mkfifo(place.path + "/pipe", 0o600) == 0)
    // The head of a picture of 60000 × 60000 pixels: sizes are believed before there are any.
    var png = try Data(contentsOf: URL(fileURLWithPath: picture))
    png.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
    png.replaceSubrange(
      29..<33, with: withUnsafeBytes(of: crc32(png[12..<29]).bigEndian) { Data($0) })
    try png.write(to: place.url("huge.png"))
    let good = "{\"image\": \"\(picture)\", \"state\": [222, 97]}"
    let refused = refused(picture)
    let lines = [good] + refused.flatMap { [$0.line, good] }
    // The last line has no end.
    let acted = try Command.run(
      ["act", "--checkpoint", "run", "--device", "cpu"], in: place,
      input: lines.joined(separator: "\n"))
    let answers = acted.output.split(separator: "\n")
    try #require(answers.count == lines.count, "\(acted.errors)")
    for (number, (line, words)) in refused.enumerated() {
      let object =
        try JSONSerialization.jsonObject(with: Data(answers[2 * number + 1].utf8)) as! [String: Any]
      let error = object["error"] as? String ?? ""
      #expect(
        error.hasPrefix("line \(2 * number + 2): ") && error.contains(words),
        "\(line.prefix(90)): \(error)")
      #expect(error.utf8.count < 300)
      #expect(answers[2 * number + 2] == answers[0] && answers[0].hasPrefix("{\"actions\""))
    }
    #expect(acted.status == 1)
    #expect(
      acted.errors
        == "recap: error: \(refused.count) of \(lines.count) lines are no observations for this policy "
        + "and were answered with an error, line 2 first\n")

    let strict = try Command.run(
      ["act", "--checkpoint", "run", "--strict"], in: place, input: "\(good)\n[1]\n\(good)\n")
    #expect(strict.status == 1 && strict.output == answers[0] + "\n")
    #expect(strict.errorLines.count == 1)
    #expect(
      strict.errors.hasPrefix(
        "recap: error: standard input, line 2: not a JSON object but an array"))
  }

  /// The checksum of a part of a PNG file.
  private func crc32(_ bytes: Data) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  @Test func whatElseIsAnObservation() throws {
    let place = try trained()
    let data = try Data(contentsOf: URL(fileURLWithPath: picture))
    let base64 = data.base64EncodedString()
    let lines = data.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
    let address = base64.replacing("+", with: "-").replacing("/", with: "_")
    let images = [
      picture, base64, lines.replacing("\n", with: "\\n"), lines.replacing("\n", with: "\\r\\n"),
      address, String(base64.prefix { $0 != "=" }), "data:image/png;base64," + base64,
    ]
    let observations = images.map {
      "{\"image\": \"\($0)\", \"state\": [222, 97], \"instruction\": null}\r"
    }
    let acted = try Command.run(
      ["act", "--checkpoint", "run"], in: place,
      input: "\u{FEFF}" + observations.joined(separator: "\n") + "\n\n \t\n")
    #expect(acted.status == 0, "\(acted.errors)\(acted.output)")
    #expect(Set(acted.output.split(separator: "\n")).count == 1)
    #expect(acted.output.split(separator: "\n").count == images.count)
  }

  /// What a line that is refused costs the next one: nothing, not even random numbers.
  @Test func aFlowPolicyAnswersAsIfTheLineHadNotBeen() throws {
    let place = try Workplace()
    #expect(
      try Command.run(
        ["train", "--config", "recap.yaml"] + InterruptedTrainingTests.flow, in: place
      )
      .status == 0)
    let good = "{\"image\": \"\(picture)\", \"state\": [222, 97]}"
    let bad = "{\"image\": \"\(picture)\", \"state\": [222]}"
    func act(_ lines: [String]) throws -> [Substring] {
      try Command.run(
        ["act", "--checkpoint", "run", "--device", "cpu"], in: place,
        input: lines.joined(separator: "\n")
      ).output.split(separator: "\n").filter { $0.contains("actions") }
    }
    let answers = try act([good, good, good])
    #expect(Set(answers).count == 3)
    #expect(try act([good, bad, bad, good, "{", good]) == answers)
  }

  @Test func actionsThatAreNoNumbersAreAnError() throws {
    let place = try trained("dataset.normalize_actions=none")
    let checkpoint = place.path + "/run/checkpoint_final.pt"
    guard case .dictionary(var entries) = try CheckpointFile.load(checkpoint),
      let part = entries.firstIndex(where: { $0.key.string == "model_state_dict" }),
      case .dictionary(var weights) = entries[part].value
    else {
      Issue.record("the checkpoint has no weights")
      return
    }
    for (index, entry) in weights.enumerated() where entry.key.string?.contains("action") == true {
      if let tensor = entry.value.tensor, tensor.dtype.isFloatingPoint {
        weights[index].value = PickleValue.tensor(tensor * Double.nan)
      }
    }
    entries[part].value = PickleValue.dictionary(weights)
    try CheckpointFile.save(PickleValue.dictionary(entries), to: checkpoint)
    let acted = try Command.run(
      ["act", "--checkpoint", checkpoint], in: place,
      input: "{\"image\": \"\(picture)\", \"state\": [222, 97]}\n")
    #expect(acted.status == 1)
    #expect(
      acted.output.contains(
        "{\"error\": \"line 1: the policy answers with no number: action 0 has nan at place 0\"}"),
      "\(acted.output)\(acted.errors)")
  }

  @Test func whoReadsIsGoneOrTheDiskIsFull() throws {
    let place = try trained()
    let lines = String(repeating: "{\"image\": \"\(picture)\", \"state\": [222, 97]}\n", count: 500)
    let full = try Command.run(
      ["act", "--checkpoint", "run"], in: place, shell: "exec > /dev/full", input: lines)
    #expect(full.status == 1)
    #expect(full.errors.hasPrefix("recap: error: standard output cannot be written: no space left"))
    #expect(full.errorLines.count == 1)
    let gone = try Command.run(
      ["act", "--checkpoint", "run"], in: place, shell: "exec > >(head -n 1 > first)", input: lines)
    #expect(gone.status == 141 && gone.errors.isEmpty, "\(gone.errors)")
    #expect(try place.read("first").hasPrefix("{\"actions\""))
  }

  @Test func aSignalEndsTheWaitingForALine() throws {
    let place = try trained()
    try #require(mkfifo(place.path + "/pipe", 0o600) == 0)
    for (signal, status) in interruptions {
      let ended = try Command.interrupt(
        ["act", "--checkpoint", "run"], in: place, with: signal,
        shell: "exec <> pipe; echo '{\"image\": \"\(picture)\", \"state\": [222, 97]}' >&0"
      ) { try !place.read(".output").isEmpty }
      // The line before is answered, whole.
      #expect(ended.status == status && ended.output.hasSuffix("]]}\n"), "\(ended.errors)")
      #expect(ended.errors == "recap: interrupted\n")
    }
  }
}
