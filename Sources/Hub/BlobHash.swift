import Foundation

/// What a blob's entity tag promises of its bytes.
struct BlobHash {
  let wanted: String
  private let algorithm: Digest.Algorithm

  /// SHA-256 of a large file (64 digits) or the name of a git object (40); nil: no hash.
  init?(tag: String) {
    wanted = tag.lowercased()
    guard tag.allSatisfy(\.isHexDigit) else { return nil }
    switch tag.utf8.count {
    case 64: algorithm = .sha256
    case 40: algorithm = .sha1
    default: return nil
    }
  }

  func value(of file: PartialFile) throws -> String {
    var digest = Digest(algorithm)
    if algorithm == .sha1 {
      Array("blob \(file.byteCount)\0".utf8).withUnsafeBytes { digest.update($0) }
    }
    try file.forEachPiece { digest.update($0) }
    return digest.finish()
  }
}
