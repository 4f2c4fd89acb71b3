import Foundation

/// What is wrong in words, of an error that Foundation throws: its own texts name classes and domains.
package func systemProblem(_ error: any Error) -> String {
  if let error = error as? POSIXError { return errorText(error.code.rawValue) }
  let error = error as NSError
  if error.domain == NSPOSIXErrorDomain { return errorText(Int32(truncatingIfNeeded: error.code)) }
  if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError, cause !== error {
    return systemProblem(cause)
  }
  guard error.domain == NSCocoaErrorDomain else { return "error \(error.code) of the system" }
  switch CocoaError.Code(rawValue: error.code) {
  case .fileNoSuchFile, .fileReadNoSuchFile: return errorText(ENOENT)
  case .fileReadNoPermission, .fileWriteNoPermission: return errorText(EACCES)
  case .fileWriteFileExists: return errorText(EEXIST)
  case .fileWriteOutOfSpace: return errorText(ENOSPC)
  case .fileWriteVolumeReadOnly: return errorText(EROFS)
  case .fileReadInvalidFileName, .fileWriteInvalidFileName: return "the name cannot be a file's"
  case .fileReadInapplicableStringEncoding, .fileReadCorruptFile, .fileReadUnknownStringEncoding:
    return "it is not UTF-8 text"
  // Cocoa's numbers: of reading below 512, of writing from there on.
  default: return error.code < 512 ? "it cannot be read" : "it cannot be written"
  }
}
