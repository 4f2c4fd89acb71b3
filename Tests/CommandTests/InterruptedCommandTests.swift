import Foundation
import Testing

/// Every command that takes long ends at the next good moment when a signal asks for it, with the status
/// of the signal and the line that goes on or begins anew; what it would have written is not there.
@Suite struct InterruptedCommandTests {
  /// A workplace with a dataset of 240 episodes in `many`.
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    let merge = ["dataset", "merge"] + Array(repeating: "data", count: 60) + ["--output", "many"]
    try #require(try Command.run(merge, in: place).status == 0)
    return place
  }

  /// - Returns: the copy of the workplace in which the command ended.
  @discardableResult
  private func expectInterrupted(
    _ arguments: [String], in place: Workplace, _ number: Int, leaves: [String] = [],
    kept: String = "nothing is kept; this begins anew:",
    when moment: (Workplace) -> Bool = { _ in true }
  ) throws -> Workplace {
    let (signal, status) = interruptions[number % 3]
    let before = place.files()
    let (ended, place) = try Command.interruptInTime(
      arguments, in: place, with: signal, when: moment)
    #expect(ended.status == status, "\(arguments): \(ended.errors)\(ended.output)")
    #expect(ended.errors.contains("recap: interrupted: \(kept)\n"), "\(ended.errors)")
    #expect(ended.output.isEmpty, "\(arguments): \(ended.output)")
    #expect(ended.resumption?.hasPrefix("\(Command.executable) \(arguments[0])") == true)
    let left = place.files().subtracting(before).filter { file in
      !file.split(separator: "/").contains { $0.hasPrefix(".") }
        && !leaves.contains { file.hasPrefix($0) }
    }
    #expect(left.isEmpty, "\(arguments) left \(left.sorted())")
    #expect(!leaves.isEmpty || place.files().allSatisfy { !$0.contains(".partial") })
    return place
  }

  @Test func copies() throws {
    let place = try workplace()
    let begun = { (place: Workplace) in place.isThere(".copy.partial/data") }
    let to = ["--output", "copy"]
    let commands = [
      ["convert", "many", "--to", "v3.0"], ["merge", "many", "many"],
      ["filter", "many", "--min-length", "1"], ["relabel", "many", "--set-success", "true"],
    ]
    for (number, command) in commands.enumerated() {
      try expectInterrupted(["dataset"] + command + to, in: place, number, when: begun)
    }
    // The first part is complete by then, and goes as well: the same command begins anew.
    let after = try expectInterrupted(
      ["dataset", "split", "many", "a=0.1", "b=0.9", "--output", "parts"], in: place, 0,
      when: { $0.isThere(".parts.partial/.b.partial/data") })
    let split = ["dataset", "split", "many", "a=0.1", "b=0.1", "--output", "parts"]
    #expect(try Command.run(split, in: after).status == 0)
  }

  @Test func reading() throws {
    let place = try workplace()
    try expectInterrupted(["dataset", "check", "many"], in: place, 0)
    // A BMP file of 4000 × 3000 pixels: its header, then the pixels as they are.
    var bitmap = Data("BM".utf8)
    for number in [36_000_054, 0, 54, 40, 4000, 3000, 1 | 24 << 16, 0, 36_000_000, 0, 0, 0, 0] {
      withUnsafeBytes(of: UInt32(number).littleEndian) { bitmap.append(contentsOf: $0) }
    }
    bitmap.append(Data(count: 36_000_000))
    try bitmap.write(to: place.url("large.bmp"))
    try expectInterrupted(
      ["encode", "--model", "vision", "--output", "out.safetensors"]
        + Array(repeating: ["--image", "large.bmp"], count: 200).joined(), in: place, 1)
  }

  @Test func simulation() throws {
    let place = try Workplace()
    let episodes = ["--task", "carry", "--episodes", "50000"]
    try expectInterrupted(["evaluate", "--json", "figures.json"] + episodes, in: place, 0)
    try expectInterrupted(
      ["collect", "--output", "demos"] + episodes, in: place, 1, leaves: ["demos.partial"])
    try expectInterrupted(
      [
        "demo", "--config", "\(Command.repository)/configs/demo.yaml", "--set",
        "simulation.demonstrations=50000", "--set", "training.checkpoint_dir=run", "--set",
        "model.text_model_name=text",
      ], in: place, 2, leaves: ["run"], kept: "the steps that are done are kept; this goes on:")
  }

  @Test func labelsAndFilms() throws {
    let place = try workplace()
    let train = try Command.run(
      ["train", "--config", "recap.yaml"] + InterruptedTrainingTests.flow, in: place)
    try #require(train.status == 0, "\(train.errors)")
    let after = try expectInterrupted(
      ["label", "--checkpoint", "run", "--dataset_path", "many"], in: place, 0,
      kept: "no label is written; features in the cache are kept; this goes on:",
      when: { $0.isThere("many/.recap") })
    #expect(!after.isThere("many/meta/recap_labels.parquet"))
  }

  /// A server that accepts and never answers.
  @Test func downloads() throws {
    let place = try Workplace()
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(server, $0, size) == 0 && listen(server, 5) == 0 && getsockname(server, $0, &size) == 0
      }
    }
    try #require(isBound)
    let start = ContinuousClock.now
    let ended = try Command.interrupt(
      ["download", "o/m"], in: place, with: SIGTERM,
      shell:
        "unset HF_HUB_OFFLINE; export HF_ENDPOINT=http://127.0.0.1:\(address.sin_port.bigEndian)"
    )
    #expect(ended.status == 143, "\(ended.errors)")
    #expect(ended.errors.contains("recap: interrupted: what came is kept; this goes on:\n"))
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
