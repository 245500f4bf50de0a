#include "tools/log_dump.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/parse_value.hpp"
#include "cpperon/logbuffer/position.hpp"

namespace cpperon::tools {

namespace {

using logbuffer::DataHeader;
using logbuffer::RawLog;

std::string_view name_of(const logbuffer::LogType type) noexcept {
    switch (type) {
        case logbuffer::LogType::concurrent_publication: return "concurrent publication";
        case logbuffer::LogType::exclusive_publication: return "exclusive publication";
        case logbuffer::LogType::image: return "image";
    }
    return "unknown";
}

bool is_image(const RawLog& log) noexcept {
    return log.metadata().type == static_cast<std::uint8_t>(logbuffer::LogType::image);
}

/// What stands at one offset of a term, with `left` bytes to its end.
LogPiece piece_at(const std::span<const std::byte> term, const std::int32_t offset) {
    const auto left = static_cast<std::int32_t>(term.size()) - offset;
    const std::byte* const frame = term.data() + offset;
    LogPiece piece{.kind = LogPiece::Kind::remains, .offset = offset, .length = logbuffer::frame_alignment};
    // acquire [frame-commit] <- commit, ours or a peer's: header and payload are complete.
    const std::int32_t frame_length = load_acquire(logbuffer::header_at(frame).frame_length);
    if (frame_length == 0) {
        piece.kind = LogPiece::Kind::empty;
        return piece;
    }
    piece.header = logbuffer::header_at(frame);
    piece.header.frame_length = frame_length;
    const bool is_claimed = frame_length < 0;
    const std::int64_t length = is_claimed ? -std::int64_t{frame_length} : frame_length;
    if (length < logbuffer::frame_header_length || length > left ||
        (!is_claimed && piece.header.term_offset != offset)) {
        return piece;
    }
    piece.kind = is_claimed ? LogPiece::Kind::unfinished : LogPiece::Kind::frame;
    piece.length = std::min(logbuffer::align_frame(static_cast<std::int32_t>(length)), left);
    if (!is_claimed) {
        piece.payload = term.subspan(static_cast<std::size_t>(offset) + sizeof(DataHeader),
                                     static_cast<std::size_t>(length) - sizeof(DataHeader));
    }
    return piece;
}

bool is_run(const LogPiece& piece) noexcept {
    return piece.kind == LogPiece::Kind::empty || piece.kind == LogPiece::Kind::remains;
}

/// Of a frame; nothing where its term id is not one of this stream.
std::optional<std::int64_t> position_of(const RawLog& log, const LogPiece& piece) noexcept {
    if (logbuffer::term_count_of(piece.header.term_id, log.initial_term_id()) < 0) {
        return std::nullopt;
    }
    return logbuffer::position_of(piece.header.term_id, piece.offset, log.position_bits_to_shift(),
                                  log.initial_term_id());
}

std::string flags_as_text(const std::uint8_t flags) {
    std::string text;
    const auto add = [&](const std::uint8_t flag, const std::string_view name) {
        if ((flags & flag) != 0) {
            text += text.empty() ? "" : "|";
            text += name;
        }
    };
    add(logbuffer::frame_flag::begin, "begin");
    add(logbuffer::frame_flag::end, "end");
    add(logbuffer::frame_flag::end_of_stream, "end-of-stream");
    add(logbuffer::frame_flag::revoked, "revoked");
    return text.empty() ? "none" : text;
}

std::string type_as_text(const std::int16_t type) {
    switch (type) {
        case logbuffer::data_type: return "data";
        case logbuffer::padding_type: return "padding";
        default: return fmt::format("type {}", type);
    }
}

std::string hex_of(const std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned>(byte));
    }
    return text;
}

constexpr std::size_t bytes_per_line = 16;

/// `0010  65 78 63 6c 75 73 69 76  65 20 32 20 2e 2e 2e 2e  |exclusive 2 ....|`
void append_hex_line(std::string& text, const std::size_t offset, const std::span<const std::byte> bytes) {
    fmt::format_to(std::back_inserter(text), "      {:04x} ", offset);
    for (std::size_t index = 0; index < bytes_per_line; ++index) {
        text += index % (bytes_per_line / 2) == 0 ? " " : "";
        text += index < bytes.size() ? fmt::format("{:02x} ", static_cast<unsigned>(bytes[index])) : "   ";
    }
    text += " |";
    for (const std::byte byte : bytes) {
        const char c = static_cast<char>(byte);
        text += c >= ' ' && c <= '~' ? c : '.';
    }
    text += "|\n";
}

struct Field {
    const char* name;
    nlohmann::json value;
};

/// Every field of the metadata, in the order of the layout. spec: 03 §3
std::vector<Field> metadata_fields(const RawLog& log) {
    const logbuffer::LogMetadata& metadata = log.metadata();
    const DataHeader& header = metadata.default_header;
    const std::int64_t end = log.end_of_stream_position();
    std::vector<Field> fields{
        {"type", name_of(static_cast<logbuffer::LogType>(metadata.type))},
        {"file_length", log.bytes().size()},
        {"session_id", header.session_id},
        {"stream_id", header.stream_id},
        {"active_term_count", log.active_term_count()},
        {"end_of_stream_position", end == logbuffer::unknown_position ? nlohmann::json(nullptr) : nlohmann::json(end)},
        {"is_connected", log.is_connected()},
        {"active_transport_count", log.active_transport_count()},
        {"correlation_id", metadata.correlation_id},
        {"initial_term_id", log.initial_term_id()},
        {"default_frame_header_length", metadata.default_frame_header_length},
        {"mtu_length", log.mtu_length()},
        {"term_length", log.term_length()},
        {"page_size", log.page_size()},
        {"publication_window_length", metadata.publication_window_length},
        {"receiver_window_length", metadata.receiver_window_length},
        {"socket_send_buffer_length", metadata.socket_send_buffer_length},
        {"os_default_socket_send_buffer_length", metadata.os_default_socket_send_buffer_length},
        {"os_max_socket_send_buffer_length", metadata.os_max_socket_send_buffer_length},
        {"socket_receive_buffer_length", metadata.socket_receive_buffer_length},
        {"os_default_socket_receive_buffer_length", metadata.os_default_socket_receive_buffer_length},
        {"os_max_socket_receive_buffer_length", metadata.os_max_socket_receive_buffer_length},
        {"max_resend", metadata.max_resend},
        {"entity_tag", metadata.entity_tag},
        {"response_correlation_id", metadata.response_correlation_id},
        {"linger_timeout_ns", metadata.linger_timeout_ns},
        {"untethered_window_limit_timeout_ns", metadata.untethered_window_limit_timeout_ns},
        {"untethered_linger_timeout_ns", metadata.untethered_linger_timeout_ns()},
        {"untethered_resting_timeout_ns", metadata.untethered_resting_timeout_ns},
        {"group", metadata.group != 0},
        {"is_response", metadata.is_response != 0},
        {"rejoin", metadata.rejoin != 0},
        {"reliable", metadata.reliable != 0},
        {"sparse", metadata.sparse != 0},
        {"signal_eos", metadata.signal_eos != 0},
        {"spies_simulate_connection", metadata.spies_simulate_connection != 0},
        {"tether", metadata.tether != 0},
        {"is_publication_revoked", log.is_publication_revoked()},
    };
    if (!is_image(log)) {
        fields.push_back({"producer_position", log.producer_position()});
    }
    return fields;
}

}  // namespace

std::string_view to_string(const LogPiece::Kind kind) noexcept {
    switch (kind) {
        case LogPiece::Kind::frame: return "frame";
        case LogPiece::Kind::unfinished: return "unfinished";
        case LogPiece::Kind::empty: return "empty";
        case LogPiece::Kind::remains: return "remains";
    }
    return "unknown";
}

std::vector<LogPiece> pieces_of_term(const std::span<const std::byte> term) {
    std::vector<LogPiece> pieces;
    const auto end = static_cast<std::int32_t>(term.size());
    for (std::int32_t offset = 0; offset < end;) {
        LogPiece piece = piece_at(term, offset);
        offset += piece.length;
        if (is_run(piece) && !pieces.empty() && pieces.back().kind == piece.kind) {
            pieces.back().length += piece.length;
        } else {
            pieces.push_back(piece);
        }
    }
    return pieces;
}

std::string metadata_as_text(const RawLog& log) {
    std::string text = log.path() + '\n';
    for (const Field& field : metadata_fields(log)) {
        const std::string name = field.name;
        std::string value = field.value.is_null()     ? "unknown"
                            : field.value.is_string() ? field.value.get<std::string>()
                                                      : field.value.dump();
        if (name.ends_with("_ns") && field.value.get<std::int64_t>() >= 0) {
            value += fmt::format(" ({})", format_duration(field.value.get<std::int64_t>()));
        }
        fmt::format_to(std::back_inserter(text), "  {:<40} {}\n", name, value);
    }
    return text;
}

nlohmann::json metadata_as_json(const RawLog& log) {
    nlohmann::json json{{"path", log.path()}};
    for (const Field& field : metadata_fields(log)) {
        json[field.name] = field.value;
    }
    return json;
}

std::string term_as_text(const RawLog& log, const std::int32_t index) {
    if (is_image(log)) {
        return fmt::format("Partition {}\n", index);
    }
    const std::int64_t tail = log.raw_tail(index);
    return fmt::format("Partition {}: term {}, tail at {}\n", index, logbuffer::tail_term_id(tail),
                       static_cast<std::uint32_t>(tail));
}

std::string piece_as_text(const RawLog& log, const LogPiece& piece, const std::size_t payload_limit) {
    const DataHeader& header = piece.header;
    switch (piece.kind) {
        case LogPiece::Kind::empty: return fmt::format("  {}: {} bytes are empty\n", piece.offset, piece.length);
        case LogPiece::Kind::remains:
            return fmt::format("  {}: {} bytes are no frame: remains of an earlier term, or damage\n", piece.offset,
                               piece.length);
        case LogPiece::Kind::unfinished:
            return fmt::format("  {}: {} bytes are claimed, and not committed\n", piece.offset,
                               -std::int64_t{header.frame_length});
        case LogPiece::Kind::frame: break;
    }
    const auto position = position_of(log, piece);
    std::string text = fmt::format(
        "  {}: {}, {} bytes, flags {}, version {}, session {}, stream {}, term {}, position {}, reserved {}\n",
        piece.offset, type_as_text(header.type), header.frame_length, flags_as_text(header.flags),
        static_cast<int>(header.version), header.session_id, header.stream_id, header.term_id,
        position ? fmt::to_string(*position) : "of another stream", header.reserved_value);
    if (header.type == logbuffer::padding_type) {
        return text;
    }
    const auto shown = piece.payload.first(std::min(payload_limit, piece.payload.size()));
    for (std::size_t at = 0; at < shown.size(); at += bytes_per_line) {
        append_hex_line(text, at, shown.subspan(at, std::min(bytes_per_line, shown.size() - at)));
    }
    return text;
}

nlohmann::json piece_as_json(const RawLog& log, const std::int32_t index, const LogPiece& piece,
                             const std::size_t payload_limit) {
    nlohmann::json json{
        {"partition", index}, {"offset", piece.offset}, {"length", piece.length}, {"kind", to_string(piece.kind)}};
    if (piece.kind != LogPiece::Kind::frame) {
        return json;
    }
    const DataHeader& header = piece.header;
    json.update({{"frame_length", header.frame_length},
                 {"version", header.version},
                 {"flags", header.flags},
                 {"type", header.type},
                 {"term_offset", header.term_offset},
                 {"session_id", header.session_id},
                 {"stream_id", header.stream_id},
                 {"term_id", header.term_id},
                 {"reserved_value", header.reserved_value}});
    if (const auto position = position_of(log, piece)) {
        json["position"] = *position;
    }
    if (header.type != logbuffer::padding_type) {
        json["payload"] = hex_of(piece.payload.first(std::min(payload_limit, piece.payload.size())));
    }
    return json;
}

}  // namespace cpperon::tools
