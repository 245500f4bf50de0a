#include "cpperon/net/loss_settings.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/net/loss_filters.hpp"

namespace cpperon::net {

namespace {

/// Makes one filter for a socket that is opened.
using FilterMaker = std::function<std::unique_ptr<DatagramFilter>()>;

constexpr std::size_t max_interceptors = 10;
constexpr std::string_view args_prefix = "aeron.udp.channel.transport.bindings.";

std::optional<double> parse_rate(const std::string_view text) noexcept {
    double rate = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
    const bool is_number = error == std::errc{} && end == text.data() + text.size() && !std::isnan(rate);
    return is_number ? std::optional{rate} : std::nullopt;
}

std::optional<std::uint64_t> parse_mask(std::string_view text) noexcept {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    std::uint64_t mask = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mask, 16);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    return is_number ? std::optional{mask} : std::nullopt;
}

LossGenerator make_generator(const LossRate& loss, RandomSource& random) {
    return {loss.rate, loss.seed == -1 ? random.next_u64() : static_cast<std::uint64_t>(loss.seed)};
}

/// The parameters of one interceptor: takes them one by one, and remembers the first thing that is wrong.
class ArgsReader {
public:
    ArgsReader(const std::string_view setting, std::string_view text) : setting_(setting), text_(text) {
        while (!text.empty()) {
            const std::string_view part = text.substr(0, text.find('|'));
            const std::size_t equals = part.find('=');
            if (equals == std::string_view::npos) {
                fail(fmt::format("'{}' is not of the form key=value", part));
            } else {
                values_[part.substr(0, equals)] = part.substr(equals + 1);
            }
            text.remove_prefix(std::min(part.size() + 1, text.size()));
        }
    }

    /// The integer of `key` within bounds, both inclusive.
    std::int64_t integer(const std::string_view key, const std::int64_t low, const std::int64_t high,
                         const std::optional<std::int64_t> otherwise = std::nullopt) {
        const std::optional<std::string_view> value = take(key, otherwise.has_value());
        if (!value) {
            return otherwise.value_or(low);
        }
        const Result<std::int64_t> number = try_parse_decimal_int64(*value);
        if (!number || *number < low || *number > high) {
            fail(fmt::format("{}='{}' is not an integer from {} to {}", key, *value, low, high));
            return low;
        }
        return *number;
    }

    double rate(const std::string_view key) {
        const std::optional<std::string_view> value = take(key, false);
        const std::optional<double> rate = value ? parse_rate(*value) : 0;
        if (!rate || *rate < 0 || *rate > 1) {
            fail(fmt::format("{}='{}' is not a number from 0 to 1", key, *value));
        }
        return rate.value_or(0);
    }

    std::uint64_t mask(const std::string_view key, const std::uint64_t otherwise) {
        const std::optional<std::string_view> value = take(key, true);
        const std::optional<std::uint64_t> mask = value ? parse_mask(*value) : otherwise;
        if (!mask) {
            fail(fmt::format("{}='{}' is not a hexadecimal bit mask of frame types", key, *value));
        }
        return mask.value_or(otherwise);
    }

    void require(const bool condition, const std::string_view what) {
        if (!condition) {
            fail(std::string{what});
        }
    }

    /// After the last parameter: what was wrong, or a parameter that nobody took.
    [[nodiscard]] std::optional<ErrorInfo> finish() {
        if (!values_.empty()) {
            fail(fmt::format("'{}' is no parameter of it", values_.begin()->first));
        }
        return error_;
    }

private:
    std::optional<std::string_view> take(const std::string_view key, const bool is_optional) {
        const auto found = values_.find(key);
        if (found == values_.end()) {
            if (!is_optional) {
                fail(fmt::format("'{}' is missing", key));
            }
            return std::nullopt;
        }
        const std::string_view value = found->second;
        values_.erase(found);
        return value;
    }

    void fail(const std::string& what) {
        if (!error_) {
            error_ = ErrorInfo{.code = ErrorCode::invalid_argument,
                               .message = fmt::format("{}{}='{}': {}", args_prefix, setting_, text_, what)};
        }
    }

    std::string_view setting_;
    std::string_view text_;
    std::map<std::string_view, std::string_view> values_;
    std::optional<ErrorInfo> error_;
};

Result<FilterMaker> random_loss(const std::string_view args, RandomSource& random) {
    ArgsReader reader{"loss.args", args};
    LossRate loss;
    loss.rate = reader.rate("rate");
    loss.seed =
        reader.integer("seed", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), -1);
    const std::uint64_t mask = reader.mask("recv-msg-mask", RandomLoss::all_types);
    if (auto error = reader.finish()) {
        return *std::move(error);
    }
    return FilterMaker{
        [loss, mask, &random] { return std::make_unique<RandomLoss>(make_generator(loss, random), mask); }};
}

constexpr std::int64_t min_int32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t max_term_length = 1 << 30U;

Result<FilterMaker> fixed_loss(const std::string_view args) {
    ArgsReader reader{"fixed.loss.args", args};
    GapPattern gap;
    gap.term_id = static_cast<std::int32_t>(reader.integer("term-id", min_int32, max_int32));
    gap.first_offset = reader.integer("term-offset", 0, max_term_length);
    gap.gap_length = reader.integer("length", 1, max_term_length);
    if (auto error = reader.finish()) {
        return *std::move(error);
    }
    return FilterMaker{[gap] { return std::make_unique<GapLoss>(gap); }};
}

Result<FilterMaker> multi_gap_loss(const std::string_view args) {
    ArgsReader reader{"multi.gap.loss.args", args};
    GapPattern gaps;
    gaps.term_id = static_cast<std::int32_t>(reader.integer("term-id", min_int32, max_int32));
    const auto radix = static_cast<std::uint64_t>(reader.integer("gap-radix", 2, max_term_length));
    gaps.stride = static_cast<std::int64_t>(std::bit_ceil(radix));
    gaps.first_offset = gaps.stride;
    gaps.gap_length = reader.integer("gap-length", 1, max_term_length);
    gaps.count = reader.integer("total-gaps", 1, max_int32);
    reader.require(gaps.gap_length < gaps.stride, "gap-length must be below gap-radix");
    if (auto error = reader.finish()) {
        return *std::move(error);
    }
    return FilterMaker{[gaps] { return std::make_unique<GapLoss>(gaps); }};
}

Result<FilterMaker> filter_named(const std::string_view name, const LossSettings& settings, RandomSource& random) {
    if (name == "loss") {
        return random_loss(settings.loss_args, random);
    }
    if (name == "fixed-loss") {
        return fixed_loss(settings.fixed_loss_args);
    }
    if (name == "multi-gap-loss") {
        return multi_gap_loss(settings.multi_gap_loss_args);
    }
    return ErrorInfo{.code = ErrorCode::invalid_argument,
                     .message = fmt::format("'{}' is no interceptor of UDP channels: there are loss, fixed-loss and "
                                            "multi-gap-loss",
                                            name)};
}

Result<std::vector<FilterMaker>> filters_named(std::string_view names, const LossSettings& settings,
                                               RandomSource& random) {
    std::vector<FilterMaker> makers;
    while (!names.empty()) {
        const std::string_view name = names.substr(0, names.find(','));
        Result<FilterMaker> maker = filter_named(name, settings, random);
        if (!maker) {
            return maker.error();
        }
        makers.push_back(std::move(maker).value());
        names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
    if (makers.size() > max_interceptors) {
        return ErrorInfo{.code = ErrorCode::invalid_argument,
                         .message = fmt::format("{} interceptors are named, at most {} are allowed", makers.size(),
                                                max_interceptors)};
    }
    return makers;
}

FilterMaker class_loss(const LossRate& data, const LossRate& control, RandomSource& random) {
    return [data, control, &random] {
        LossGenerator data_generator = make_generator(data, random);
        return std::make_unique<ClassLoss>(std::move(data_generator), make_generator(control, random));
    };
}

FilterChain make_chain(const std::vector<FilterMaker>& makers) {
    FilterChain chain;
    for (const FilterMaker& make : makers) {
        chain.push_back(make());
    }
    return chain;
}

/// One `aeron.debug.….loss`.
Result<LossRate> read_loss_rate(const EnvironmentLookup& environment, const std::string_view prefix) {
    const std::string rate_name = fmt::format("{}_LOSS_RATE", prefix);
    const std::string seed_name = fmt::format("{}_LOSS_SEED", prefix);
    LossRate loss;
    if (const std::optional<std::string> text = environment(rate_name)) {
        const std::optional<double> rate = parse_rate(*text);
        if (!rate) {
            return ErrorInfo{.code = ErrorCode::invalid_argument,
                             .message = fmt::format("{}='{}' is not a number from 0 to 1", rate_name, *text)};
        }
        loss.rate = std::clamp(*rate, 0.0, 1.0);
    }
    if (const std::optional<std::string> text = environment(seed_name)) {
        const Result<std::int64_t> seed = try_parse_decimal_int64(*text);
        if (!seed) {
            return ErrorInfo{.code = ErrorCode::invalid_argument,
                             .message = fmt::format("{}='{}' is not an integer", seed_name, *text)};
        }
        loss.seed = *seed;
    }
    return loss;
}

}  // namespace

Result<EndpointLoss> read_endpoint_loss(const EnvironmentLookup& environment) {
    EndpointLoss endpoints;
    const std::pair<std::string_view, LossRate*> rates[] = {
        {"AERON_DEBUG_SEND_DATA", &endpoints.send_data},
        {"AERON_DEBUG_SEND_CONTROL", &endpoints.send_control},
        {"AERON_DEBUG_RECEIVE_DATA", &endpoints.receive_data},
        {"AERON_DEBUG_RECEIVE_CONTROL", &endpoints.receive_control}};
    for (const auto& [prefix, rate] : rates) {
        const Result<LossRate> loss = read_loss_rate(environment, prefix);
        if (!loss) {
            return loss.error();
        }
        *rate = *loss;
    }
    return endpoints;
}

Result<SocketFilterFactory> make_filter_factory(const LossSettings& settings, RandomSource& random) {
    Result<std::vector<FilterMaker>> incoming = filters_named(settings.incoming_interceptors, settings, random);
    if (!incoming) {
        return incoming.error();
    }
    Result<std::vector<FilterMaker>> outgoing = filters_named(settings.outgoing_interceptors, settings, random);
    if (!outgoing) {
        return outgoing.error();
    }
    const EndpointLoss& endpoints = settings.endpoints;
    if (endpoints.is_any()) {
        incoming->push_back(class_loss(endpoints.receive_data, endpoints.send_control, random));
        outgoing->push_back(class_loss(endpoints.send_data, endpoints.receive_control, random));
    }
    if (incoming->empty() && outgoing->empty()) {
        return SocketFilterFactory{};
    }
    return SocketFilterFactory{[incoming = std::move(incoming).value(), outgoing = std::move(outgoing).value()] {
        return SocketFilters{.incoming = make_chain(incoming), .outgoing = make_chain(outgoing)};
    }};
}

}  // namespace cpperon::net
