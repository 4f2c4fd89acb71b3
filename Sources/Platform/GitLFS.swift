/// What stands in the place of a file that a clone without Git LFS did not fetch.
package enum GitLFS {
  /// Whether these bytes, the first of a file, are such a pointer's.
  package static func isPointer(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: "version https://git-lfs".utf8)
  }

  /// What a person wants to know of it.
  package static let problem =
    "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"
}
