/// What is in a log file: its metadata, and what its terms hold, frame by frame. For `cpperon log`. spec: 06 §24.7
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cpperon/logbuffer/frame.hpp"
#include "cpperon/logbuffer/raw_log.hpp"

namespace cpperon::tools {

/// A piece of a term.
struct LogPiece {
    enum class Kind {
        frame,       ///< committed
        unfinished,  ///< claimed by a publisher that has not committed it
        empty,       ///< nothing was written there, or it was cleaned
        remains,     ///< bytes that are no frame: the rest of an earlier term that is being cleaned, or damage
    };

    Kind kind = Kind::frame;
    std::int32_t offset = 0;               ///< in the term
    std::int32_t length = 0;               ///< in the term: of a frame aligned
    logbuffer::DataHeader header{};        ///< of frames, and of unfinished ones as far as it goes
    std::span<const std::byte> payload{};  ///< of frames
};

[[nodiscard]] std::string_view to_string(LogPiece::Kind kind) noexcept;

/// The pieces of a term, one behind the other up to its end. The log may be in use.
[[nodiscard]] std::vector<LogPiece> pieces_of_term(std::span<const std::byte> term);

inline constexpr std::size_t whole_payload = std::numeric_limits<std::size_t>::max();

/// All fields of the metadata, a line for each.
[[nodiscard]] std::string metadata_as_text(const logbuffer::RawLog& log);
[[nodiscard]] nlohmann::json metadata_as_json(const logbuffer::RawLog& log);

/// Which term partition `index` holds, on one line. Of an image, tails are not in use.
[[nodiscard]] std::string term_as_text(const logbuffer::RawLog& log, std::int32_t index);

/// One piece, with the first `payload_limit` bytes of its payload.
[[nodiscard]] std::string piece_as_text(const logbuffer::RawLog& log, const LogPiece& piece, std::size_t payload_limit);
[[nodiscard]] nlohmann::json piece_as_json(const logbuffer::RawLog& log, std::int32_t index, const LogPiece& piece,
                                           std::size_t payload_limit);

}  // namespace cpperon::tools
