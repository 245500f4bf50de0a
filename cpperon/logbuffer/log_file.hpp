/// The file of a log: created by the driver's conductor, opened by clients. spec: 03 §2, §3.1, §3.2
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cpperon/base/mapped_file.hpp"
#include "cpperon/logbuffer/log_view.hpp"

namespace cpperon::logbuffer {

/// Where a publication starts when it is not at the beginning of its initial term. spec: 03 §3.2
struct StartPosition {
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;  ///< multiple of 32, at most the term length
};

/// Everything the driver decides about a log before it announces it. The defaults are those of an IPC publication.
/// spec: 03 §3.1
struct LogParams {
    LogType type = LogType::concurrent_publication;
    std::int64_t correlation_id = 0;
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::int32_t initial_term_id = 0;
    std::optional<StartPosition> start;  ///< publications only; absent: offset 0 of the initial term
    std::int32_t term_length = min_term_length;
    std::int32_t mtu_length = 1'408;
    std::int32_t page_size = 4'096;
    std::int32_t publication_window_length = 0;
    std::int32_t receiver_window_length = 0;
    std::int32_t socket_send_buffer_length = 0;
    std::int32_t os_default_socket_send_buffer_length = 0;
    std::int32_t os_max_socket_send_buffer_length = 0;
    std::int32_t socket_receive_buffer_length = 0;
    std::int32_t os_default_socket_receive_buffer_length = 0;
    std::int32_t os_max_socket_receive_buffer_length = 0;
    std::int32_t max_resend = 0;
    std::int64_t entity_tag = -1;
    std::int64_t response_correlation_id = -1;
    std::int64_t linger_timeout_ns = 0;
    std::int64_t untethered_window_limit_timeout_ns = 0;
    std::int64_t untethered_linger_timeout_ns = 0;
    std::int64_t untethered_resting_timeout_ns = 0;
    bool group = false;
    bool is_response = false;
    bool rejoin = false;
    bool reliable = false;
    bool sparse = true;  ///< false: blocks are allocated and pages populated before the log is used
    bool signal_eos = false;
    bool spies_simulate_connection = false;
    bool tether = false;
};

/// The position at which a publication with these parameters starts. spec: 03 §3.2
[[nodiscard]] std::int64_t start_position_of(const LogParams& params) noexcept;

/// Writes the metadata of a new log over `bytes`, which are zero and `log_length` long. Throws
/// `InvalidArgumentError` for parameters that break spec 03 §1 or §3.2.
void initialise_log(std::span<std::byte> bytes, const LogParams& params);

/// Owns the mapping of a log; terms and metadata are valid as long as this object, or the one it was moved to, lives.
/// Threads: the object belongs to one at a time; views of it may be used by any.
class LogFile {
public:
    /// Creates a log that must not exist yet. Throws `InvalidArgumentError` for parameters out of range and `IoError`
    /// (`ENOSPC`, `EEXIST`, ...); nothing is left behind then.
    [[nodiscard]] static LogFile create(const std::string& path, const LogParams& params);

    /// Maps a log of any driver, read-write. `pre_touch` faults its pages in without writing. Throws `IoError`, or
    /// `MalformedFileError` when the file does not hold a log. spec: 03 §2.3, §2.4
    [[nodiscard]] static LogFile open(const std::string& path, bool pre_touch = false);

    [[nodiscard]] const LogView& view() const noexcept { return view_; }
    [[nodiscard]] LogMetadata& metadata() const noexcept { return view_.metadata(); }
    [[nodiscard]] std::span<std::byte> term(const std::int32_t index) const noexcept { return view_.term(index); }
    [[nodiscard]] std::int64_t length() const noexcept { return file_.length(); }
    [[nodiscard]] const std::string& path() const noexcept { return file_.path(); }

private:
    LogFile(MappedFile file, const LogView& view) noexcept : file_(std::move(file)), view_(view) {}

    MappedFile file_;
    LogView view_;
};

}  // namespace cpperon::logbuffer
