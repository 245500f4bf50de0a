/// A file mapped into memory, shared with other processes: CnC, logs, loss report. Owned by whoever opened it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace cpperon {

enum class Access { read_only, read_write };

/// How the pages of a file come to be. spec: 03 §2.4
enum class Allocation {
    sparse,    ///< only the length is set; pages appear when touched
    reserved,  ///< blocks are allocated and pages are populated before the file is used
};

/// Maps a whole file for as long as the object lives. Movable; a moved-from object maps nothing.
/// Threads: the object itself belongs to one thread at a time; the bytes are shared memory.
class MappedFile {
public:
    MappedFile() noexcept = default;

    /// Creates a file that must not exist yet (mode 0666 less umask), zero-filled, and maps it read-write. A file that
    /// could not be completed is removed again. Throws `IoError`; `ENOSPC` where the disk is full.
    [[nodiscard]] static MappedFile create(const std::string& path, std::int64_t length, Allocation allocation);

    /// Maps an existing file whole, whatever its length; an empty file gives an empty mapping. `pre_touch` faults the
    /// pages in without writing to them. Throws `IoError`.
    [[nodiscard]] static MappedFile open(const std::string& path, Access access, bool pre_touch = false);

    MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})), path_(std::move(other.path_)) {}
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile() { unmap(); }

    /// The mapped bytes; writing through a read-only mapping is a crash. Valid as long as this object lives.
    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }
    /// Bytes; 0 where nothing is mapped.
    [[nodiscard]] std::int64_t length() const noexcept { return static_cast<std::int64_t>(bytes_.size()); }
    /// False once moved from.
    [[nodiscard]] bool is_mapped() const noexcept { return bytes_.data() != nullptr; }
    /// As it was opened.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Writes changed pages back to the file (msync). Throws `IoError`.
    void flush() const;

private:
    MappedFile(std::span<std::byte> bytes, std::string path) noexcept : bytes_(bytes), path_(std::move(path)) {}
    void unmap() noexcept;

    std::span<std::byte> bytes_;
    std::string path_;
};

}  // namespace cpperon
