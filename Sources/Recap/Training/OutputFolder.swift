internal import Foundation
internal import Platform

/// A folder that a key of the configuration names for what a run writes.
struct OutputFolder {
  let path: String
  let key: String

  /// Stops, before hours are spent, where the folder is not there and cannot be made.
  func check() throws {
    var place = URL(fileURLWithPath: path).standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path) && place.path != "/" {
      place.deleteLastPathComponent()
    }
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    guard isFolder.boolValue else { throw failure("\(place.path) is a file") }
    guard FileManager.default.isWritableFile(atPath: place.path) else {
      throw failure("\(place.path) may not be written")
    }
  }

  /// Makes the folder, and those above it, if it is not there.
  func make() throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw failure(systemProblem(error))
    }
  }

  private func failure(_ reason: String) -> FileError {
    FileError(path, "cannot be made a folder to write in: \(reason); set \(key) to another")
  }
}
