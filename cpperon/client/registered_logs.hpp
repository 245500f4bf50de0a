/// The logs a client has mapped, each once, however many publications and images use it. Used by the conductor.
/// spec: 02 §10.7
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "cpperon/logbuffer/log_file.hpp"

namespace cpperon::client {

/// Keeps nothing mapped by itself: a log is unmapped when the last handle, image or claim on it is gone.
/// Threads: one; what it hands out may be released on any.
class RegisteredLogs {
public:
    /// `pre_touch`: fault all pages in when a log is mapped.
    explicit RegisteredLogs(const bool pre_touch) noexcept : pre_touch_(pre_touch) {}

    /// The log of this id: the publication's original registration id, or the image's correlation id; those are equal
    /// for IPC images and spies, which therefore share a mapping with the publication. Throws `IoError`,
    /// `MalformedFileError`.
    [[nodiscard]] std::shared_ptr<const logbuffer::LogFile> open(std::int64_t id, const std::string& path);

    /// How many are mapped at this moment.
    [[nodiscard]] std::size_t count() const noexcept;

private:
    bool pre_touch_;
    std::unordered_map<std::int64_t, std::weak_ptr<const logbuffer::LogFile>> logs_;
};

}  // namespace cpperon::client
