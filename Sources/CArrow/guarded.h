// What every function behind carrow.h shares: no exception leaves, the last message is kept.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

inline thread_local std::string last_error;

inline void check(const arrow::Status &status) {
  if (status.ok()) return;
  const auto &detail = status.detail();
  throw std::runtime_error(status.message() + (detail ? " " + detail->ToString() : ""));
}

template <typename T>
T check(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueOrDie();
}

template <typename Body>
int guarded(Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const std::exception &error) {
    last_error = error.what();
  } catch (...) {
    last_error = "an unknown C++ exception";
  }
  return -1;
}
