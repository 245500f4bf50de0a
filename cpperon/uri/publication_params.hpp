/// The parameters of a publication, read from its channel URI, checked, and completed with the driver's defaults; the
/// same for shared and exclusive publications, over UDP and IPC. Used by the driver's conductor; pure functions. spec:
/// 05 §4.3, §6.8, §8, §12, §13.1
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cpperon/base/ids.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/defaults.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::uri {

inline constexpr std::int32_t frame_alignment = 32;
inline constexpr std::int32_t min_term_length = 64 * 1024;
inline constexpr std::int32_t max_term_length = 1024 * 1024 * 1024;
inline constexpr std::int32_t max_mtu_length = 65'504;
inline constexpr std::int32_t max_resend_limit = 256;

/// Where a publication starts. spec: 05 §12
struct StartPosition {
    std::int32_t initial_term_id = 0;
    std::int32_t term_id = 0;
    std::int32_t term_offset = 0;  ///< 0 to the term length, both included; a multiple of 32

    /// The position in bytes from the start of the stream.
    [[nodiscard]] std::int64_t position(std::int32_t term_length) const noexcept;

    /// The inverse. `position` must not be negative and a multiple of 32, the term length an allowed one.
    [[nodiscard]] static StartPosition from_position(std::int64_t position, std::int32_t initial_term_id,
                                                     std::int32_t term_length) noexcept;

    [[nodiscard]] bool operator==(const StartPosition&) const = default;
};

/// The publication that `session-id=tag:T` refers to.
struct TaggedPublication {
    SessionId session_id;
    std::int32_t mtu_length;
    std::int32_t term_length;
};

/// Finds the live UDP publication with an entity tag; the first in the driver's order. spec: 05 §13.1
using FindTaggedPublication = std::function<std::optional<TaggedPublication>(std::int64_t entity_tag)>;

struct PublicationParams {
    /// Given as a number or taken from a tagged publication; otherwise the driver allocates one.
    std::optional<SessionId> session_id;
    std::optional<std::int64_t> entity_tag;
    std::int64_t linger_timeout_ns = 0;
    std::int32_t term_length = 0;
    bool has_term_length = false;  ///< whether the URI states it
    std::int32_t max_resend = 0;   ///< a channel without group semantics uses 1 whatever this says
    std::int32_t mtu_length = 0;
    bool has_mtu_length = false;                 ///< whether the URI states it
    std::int32_t publication_window_length = 0;  ///< effective: at least the MTU (if given), at most half a term
    std::optional<StartPosition> start_position;
    bool is_sparse = true;
    bool signals_eos = true;
    bool spies_simulate_connection = false;
    std::int64_t response_correlation_id = response_correlation_none;
    std::int64_t untethered_window_limit_timeout_ns = 0;
    std::int64_t untethered_linger_timeout_ns = 0;
    std::int64_t untethered_resting_timeout_ns = 0;

    /// Whether this only holds the endpoint of responses to come: `response-correlation-id=prototype`. A *new* UDP
    /// publication of that kind with `control-mode=response` is created with `as_prototype()`. spec: 05 §13.2
    [[nodiscard]] bool is_prototype() const noexcept {
        return response_correlation_id == response_correlation_prototype;
    }

    /// The same with the smallest term length, and a window to fit.
    [[nodiscard]] PublicationParams as_prototype() const;
};

/// Reads the parameters of a publication, in the order of spec 05 §8, so that of several mistakes the same one is
/// reported as by other drivers. Errors have the code `generic_error`.
///
/// `find_tagged` may be empty if the driver knows no tagged publications.
[[nodiscard]] Result<PublicationParams> try_parse_publication_params(const ChannelUri& uri,
                                                                     const ChannelDefaults& defaults,
                                                                     const FindTaggedPublication& find_tagged);

/// What a live publication is compared by when another wants to join it.
struct LivePublication {
    SessionId session_id;
    std::int32_t mtu_length;
    std::int32_t term_length;
    StartPosition start_position;  ///< where it started, not where it is
    bool spies_simulate_connection;
};

/// Why a shared publication with `params` cannot join `live`, code `generic_error`; nothing if it can. Over IPC
/// `spies_simulate_connection` is not compared. spec: 05 §6.8
[[nodiscard]] std::optional<ErrorInfo> check_can_join(const PublicationParams& params, const LivePublication& live,
                                                      Media media);

/// Checks that stand alone, shared with builders and settings; nothing if the value is allowed. Errors have the code
/// `generic_error`. spec: 05 §4.3
[[nodiscard]] std::optional<ErrorInfo> check_mtu_length(std::int64_t mtu_length);
[[nodiscard]] std::optional<ErrorInfo> check_term_length(std::int64_t term_length);
[[nodiscard]] std::optional<ErrorInfo> check_max_resend(std::int64_t max_resend);

/// The window of a publication without `pub-wnd`: `configured`, unless it is 0 or half a term or more, which give half
/// a term. spec: 05 §4.3
[[nodiscard]] std::int32_t default_publication_window(std::int32_t configured, std::int32_t term_length) noexcept;

}  // namespace cpperon::uri
