internal import Foundation
internal import LeRobot
internal import PolicyInterface

/// A line of input that is no observation.
struct ObservationLineError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension Observation {
  /// Reads an observation from a line of JSON.
  ///
  /// - Parameter cameras: those the policy sees; with one of them "image" may stand for "images".
  /// Throws when the line is not such an object, or a picture cannot be read.
  init(jsonLine line: [UInt8], cameras: [String]) throws {
    let object = try Self.object(line)
    let known: Set = ["images", "image", "state", "instruction"]
    if let unknown = object.keys.first(where: { !known.contains($0) }) {
      throw ObservationLineError(
        "unknown key \(quoted(unknown)); wanted images (or image), state, instruction")
    }
    let pictures = try Self.pictures(object, cameras: cameras)
    guard let instruction = object["instruction"].map(\.string) ?? "" else {
      throw ObservationLineError(
        "'instruction' is \(object["instruction"]!.kind); wanted a text")
    }
    let state = try object["state"].map(Self.state)
    self.init(
      images: try pictures.mapValues { try PolicyInterface.Image(pathOrBase64: $0) },
      state: state, instruction: instruction)
  }

  /// The line's members but for those that are null, which say as much as if they were not there.
  private static func object(_ line: [UInt8]) throws -> [String: JSON] {
    let wanted = "wanted {\"images\": {…}, \"state\": […], \"instruction\": \"…\"} in one line"
    guard String(validating: line, as: UTF8.self) != nil else {
      throw ObservationLineError("is not UTF-8; \(wanted)")
    }
    let json: JSON
    do { json = try JSON(line, file: "", hasUniqueKeys: true) } catch let error as DatasetError {
      throw ObservationLineError("\(error.problem); \(wanted)")
    }
    guard let object = json.object else {
      throw ObservationLineError("not a JSON object but \(json.kind); \(wanted)")
    }
    return Dictionary(
      uniqueKeysWithValues: object.filter { $0.value != .null }.map { ($0.key, $0.value) })
  }

  /// What stands for the picture of each camera of the policy.
  private static func pictures(
    _ object: [String: JSON], cameras: [String]
  ) throws -> [String: String] {
    var given: [String: JSON] = [:]
    let names = cameras.isEmpty ? "none" : cameras.joined(separator: ", ")
    if let images = object["images"] {
      guard let members = images.object, object["image"] == nil else {
        throw ObservationLineError(
          object["image"] == nil
            ? "'images' is \(images.kind); wanted an object from camera to picture (a path or base64)"
            : "there are 'images' and 'image'; wanted one of them")
      }
      for (camera, picture) in members { given[camera] = picture }
    }
    if let image = object["image"] {
      guard cameras.count == 1 else {
        throw ObservationLineError(
          "'image' is for a policy of one camera; wanted 'images' with a picture of each: \(names)")
      }
      given[cameras[0]] = image
    }
    for camera in cameras where given[camera] == nil {
      throw ObservationLineError(
        "no picture of camera '\(camera)'; "
          + (given.isEmpty
            ? "there is none"
            : "there are those of \(quoted(given.keys.sorted().joined(separator: ", ")))"))
    }
    if let unknown = given.keys.first(where: { !cameras.contains($0) }) {
      throw ObservationLineError(
        "unknown camera \(quoted(unknown)); this policy sees \(names)")
    }
    return try given.mapValues { picture in
      guard let text = picture.string else {
        throw ObservationLineError(
          "a picture is \(picture.kind); wanted the path of a PNG or JPEG file, or such a file in base64"
        )
      }
      return text
    }
  }

  private static func state(_ json: JSON) throws -> [Float] {
    guard let values = json.array else {
      throw ObservationLineError("'state' is \(json.kind); wanted a list of numbers")
    }
    return try values.enumerated().map { place, value in
      guard let number = value.double else {
        throw ObservationLineError("'state' has \(value.kind) at place \(place); wanted a number")
      }
      guard Float(number).isFinite else {
        throw ObservationLineError(
          "'state' has \(number) at place \(place); wanted a finite number that 32 bits can hold")
      }
      return Float(number)
    }
  }
}

extension PolicyInterface.Image {
  /// Reads a picture from a file, or from base64 text.
  fileprivate init(pathOrBase64 text: String) throws {
    let picture: LeRobot.Image
    if text.hasPrefix("data:") {
      picture = try Self.decode(base64: text.drop { $0 != "," }.dropFirst(), shown: text)
    } else if !text.utf8.contains(0), access(text, F_OK) == 0 {
      picture = try LeRobot.Image.read(text)
    } else {
      picture = try Self.decode(base64: text[...], shown: text)
    }
    self.init(width: picture.width, height: picture.height, rgb: picture.pixels)
  }

  /// Base64 as it comes: in lines, with or without padding, of the alphabet of addresses.
  private static func decode(base64 text: Substring, shown: String) throws -> LeRobot.Image {
    var plain = text.utf8.filter { byte in
      ![
        UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "="),
        UInt8(ascii: "\t"),
      ].contains(byte)
    }.map { byte in
      byte == UInt8(ascii: "-")
        ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
    }
    plain += [UInt8](repeating: UInt8(ascii: "="), count: (4 - plain.count % 4) % 4)
    guard plain.count > 64, let data = Data(base64Encoded: Data(plain)) else {
      throw ObservationLineError(
        "\(quoted(shown)) is neither a picture's path nor one in base64")
    }
    return try LeRobot.Image.decode(Array(data), name: "the picture in base64")
  }
}

/// A text of the input in an error: not longer than a line takes, and without what would break it.
private func quoted(_ text: String) -> String {
  let scalars = text.unicodeScalars.prefix(60).map { $0.value < 32 ? " " : $0 }
  return "'" + String(String.UnicodeScalarView(scalars))
    + (text.unicodeScalars.count > 60 ? "…" : "") + "'"
}
