/// A command that cannot be finished in the duty cycle in which it was read, because somebody else has to do something
/// that may block. It holds back every later command, and nothing else. Conductor only. spec: 06 §7.1, 02 §6.1
#pragma once

#include <cstdint>

namespace cpperon::driver {

class CommandInProgress {
public:
    virtual ~CommandInProgress() = default;

    /// Takes the next step, without waiting. True once the command is finished and answered. If it throws, the command
    /// has failed, and the conductor answers with the error.
    [[nodiscard]] virtual bool advance() = 0;

    /// Of the command, for the answer.
    [[nodiscard]] virtual std::int64_t correlation_id() const noexcept = 0;
};

}  // namespace cpperon::driver
