import Foundation

/// Reads a file of a tokenizer's whole; a pipe or a device, which may never end, is refused.
func readBytes(_ path: String) throws(TokenizerError) -> [UInt8] {
  var status = stat()
  let isThere = stat(path, &status) == 0
  let problem = isThere ? "" : ": \(String(cString: strerror(errno)).lowercased())"
  guard isThere, status.st_mode & S_IFMT == S_IFREG,
    let data = FileManager.default.contents(atPath: path)
  else {
    throw TokenizerError("\(path): cannot be read\(problem); wanted a file of a tokenizer's.")
  }
  if data.starts(with: Array("version https://git-lfs".utf8)) {
    throw TokenizerError(
      "\(path): is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`.")
  }
  return [UInt8](data)
}
