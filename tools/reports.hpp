/// What the commands found, as text: in the forms that the reference's tools print, so that scripts that read those
/// read these. Pure functions. spec: 06 §24.2 to §24.5
#pragma once

#include <span>
#include <string>

#include "tools/counter_rates.hpp"
#include "tools/flows.hpp"
#include "tools/snapshot.hpp"
#include "tools/streams.hpp"

namespace cpperon::tools {

/// A separator, a line with count and times, and the text of each; at the end how many there are.
[[nodiscard]] std::string errors_as_text(std::span<const ErrorRow> errors);

/// Comma-separated values with a header, and at the end how many lines there were. Texts with commas are quoted.
[[nodiscard]] std::string losses_as_csv(std::span<const LossRow> losses);
/// For people.
[[nodiscard]] std::string losses_as_table(std::span<const LossRow> losses);

/// `sessionId=… streamId=… channel=… : name:registration id:value …`, a line for each.
[[nodiscard]] std::string streams_as_text(std::span<const StreamGroup> streams);
[[nodiscard]] nlohmann::json streams_as_json(std::span<const StreamGroup> streams);

/// A paragraph for each stream.
[[nodiscard]] std::string backlog_as_text(std::span<const StreamParties> streams);
/// An object for each, with the rates where there are some.
[[nodiscard]] nlohmann::json parties_as_json(std::span<const StreamParties> streams, const CounterRates& rates);

}  // namespace cpperon::tools
