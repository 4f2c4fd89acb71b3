import Foundation
import Testing

/// Looking at datasets and changing them, through the command.
@Suite struct DatasetCommandTests {
  /// A workplace with a whole dataset in `pusht`.
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    try FileManager.default.copyItem(
      atPath: Command.repository + "/Examples/pusht", toPath: place.path + "/pusht")
    return place
  }

  private func run(_ arguments: String..., in place: Workplace) throws -> Result {
    try Command.run(["dataset"] + arguments, in: place)
  }

  private func sample(_ dataset: String, _ index: Int, in place: Workplace) throws -> [String: Any]
  {
    let shown = try run("show", dataset, "--index", "\(index)", in: place)
    #expect(shown.status == 0, "\(shown.errors)")
    return try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as! [String: Any]
  }

  @Test func infoIsATable() throws {
    let place = try workplace()
    let info = try run("info", "pusht", in: place)
    #expect(info.status == 0)
    for line in [
      "format   LeRobot v2.1", "frames   322 at 10 a second: 32.2 s",
      "camera   observation.image  96×96  av1",
      #"task     "Push the T block."  4 episodes"#, "success: success in meta/episodes",
      "autonomous         3        1        2           0     142            0",
    ] { #expect(info.output.contains(line), "\(line) in\n\(info.output)") }
  }

  @Test func checkTellsSoundFromDamaged() throws {
    let place = try workplace()
    let sound = try run("check", "pusht", in: place)
    #expect(sound.status == 0 && sound.output == "pusht: no problems; 644 rows and frames read.\n")

    try place.truncate("pusht/data/chunk-000/episode_000002.parquet", to: 0.5)
    try place.edit("pusht/meta/info.json") {
      $0.replacingOccurrences(of: "\"total_frames\": 322", with: "\"total_frames\": 9")
    }
    let damaged = try run("check", "pusht", in: place)
    #expect(damaged.status == 1 && damaged.errors.isEmpty)
    let lines = damaged.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[2] == "pusht: 2 problems.")
    #expect(
      lines[0].hasPrefix(
        "pusht/data/chunk-000/episode_000002.parquet: is not a complete Parquet file: "))
    #expect(lines[1].hasPrefix("pusht/meta/info.json: key 'total_frames' is 9, but there are 322"))
  }

  @Test func showPrintsOneSample() throws {
    let place = try workplace()
    let first = try sample("pusht", 36, in: place)
    #expect(first["episode_index"] as? Int == 1 && first["frame_index"] as? Int == 0)
    #expect((first["action"] as? [Double])?.count == 2)
    #expect(first["task"] as? String == "Push the grey T block away.")
    let frame = first["observation.image"] as? [String: Any]
    #expect((frame?["sha256"] as? String)?.count == 64 && frame?["width"] as? Int == 96)

    let picture = try run("show", "pusht", "--index", "0", "--png", "frame.png", in: place)
    #expect(picture.status == 0)
    #expect(try Data(contentsOf: place.url("frame.png")).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let far = try run("show", "pusht", "--index", "322", in: place)
    #expect(far.status != 0 && far.errors.contains("the dataset has frames 0 to 321"))
    let camera = try run("show", "pusht", "--index", "0", "--camera", "left", in: place)
    #expect(camera.status == 1)
    #expect(camera.errors.contains("has no camera 'left'; its cameras are observation.image"))
  }

  /// Rows can be shown and copied whose video is missing.
  @Test func aVideoIsMissing() throws {
    let place = try workplace()
    let video = "pusht/videos/chunk-000/observation.image/episode_000001.mp4"
    try FileManager.default.removeItem(at: place.url(video))
    let missing = "\(video): there is no such file (camera 'observation.image' of episode 1)"

    let shown = try run("show", "pusht", "--index", "40", in: place)
    #expect(shown.status == 0 && shown.output.contains("\"task\": \"Push the grey T"))
    #expect(shown.errors == "note: observation.image is left out: \(missing)\n")
    let asked = try run(
      "show", "pusht", "--index", "40", "--camera", "observation.image", in: place)
    #expect(asked.status == 1 && asked.errors == "recap: error: \(missing)\n")

    let refused = try run("convert", "pusht", "--output", "copy", "--to", "v3.0", in: place)
    #expect(
      refused.status == 1
        && refused.errors.hasSuffix(
          "\(missing); --without observation.image copies the rows without the camera\n")
    )
    for (source, version) in [("pusht", "v3.0"), ("v3.0", "v2.1")] {
      let without = source == "pusht" ? ["--without", "observation.image"] : []
      let copied = try Command.run(
        ["dataset", "convert", source, "--output", version, "--to", version] + without, in: place)
      #expect(
        copied.status == 0
          && copied.output == "\(version): LeRobot \(version), 8 episodes, 322 frames\n")
      #expect(
        try run("check", version, in: place).output
          == "\(version): no problems; 322 rows and frames read.\n")
      #expect(try sample(version, 40, in: place)["observation.image"] == nil)
    }
    let unknown = try run(
      "convert", "pusht", "--output", "x", "--without", "observation.imag", in: place)
    #expect(
      unknown.status == 1
        && unknown.errors.contains("has no camera 'observation.imag'; its cameras are"))
  }

  @Test func statsOfEveryColumn() throws {
    let place = try workplace()
    let text = try run("stats", "pusht", in: place)
    #expect(text.status == 0 && text.output.contains("observation.state"))
    let json = try run("stats", "pusht", "--json", in: place)
    let all = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as! [String: Any]
    let index = all["index"] as! [String: Any]
    #expect(index["mean"] as? [Double] == [160.5] && index["count"] as? [Int] == [322])
    #expect(index["q50"] as? [Double] == [160.5])
  }

  @Test func convertedThereAndBack() throws {
    let place = try workplace()
    for (from, to, version) in [("pusht", "v30", "v3.0"), ("v30", "v21", "v2.1")] {
      let made = try run("convert", from, "--output", to, "--to", version, in: place)
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.output.contains("\(to): LeRobot \(version), 8 episodes, 322 frames"))
      #expect(try run("check", to, in: place).status == 0)
    }
    for index in [0, 35, 36, 200, 321] {
      let samples = try ["pusht", "v30", "v21"].map {
        try run("show", $0, "--index", "\(index)", in: place).output
      }
      #expect(samples[0].contains("\"index\": \(index)"))
      #expect(samples[1] == samples[0] && samples[2] == samples[0])
    }
    let again = try run("convert", "pusht", "--output", "v30", "--to", "v3.0", in: place)
    #expect(again.status == 1 && again.errors.contains("v30"))
  }

  @Test func partsAndLabels() throws {
    let place = try workplace()
    func ok(_ arguments: String...) throws {
      let result = try Command.run(["dataset"] + arguments, in: place)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }
    func line(_ dataset: String, _ type: String) throws -> [Substring] {
      try run("info", dataset, in: place).output.split(separator: "\n")
        .last { $0.hasPrefix(type + " ") }.map { $0.split(separator: " ") } ?? []
    }
    try ok("filter", "pusht", "--output", "good", "--outcome", "success", "--to", "v3.0")
    #expect(try line("good", "all")[1...3] == ["6", "6", "0"])
    try ok("split", "pusht", "--output", "parts", "train=0.75", "val=0.25")
    try ok("merge", "parts/val", "parts/train", "--output", "whole")
    #expect(try line("whole", "all") == line("pusht", "all"))
    try ok(
      "relabel", "whole", "--output", "relabelled", "--type", "autonomous", "--set-success", "false"
    )
    #expect(try line("relabelled", "autonomous")[1...3] == ["3", "0", "3"])
    #expect(try line("relabelled", "demo") == line("pusht", "demo"))
    for dataset in ["good", "parts/train", "parts/val", "whole", "relabelled"] {
      #expect(try run("check", dataset, in: place).status == 0, "\(dataset)")
    }
  }
}
