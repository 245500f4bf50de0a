/// An event of the sender or the receiver whose handling cannot be finished in the duty cycle in which it was taken,
/// because somebody else has to do something that may block. It holds back every later event, and no command.
/// Conductor only. spec: 06 §7.1
#pragma once

namespace cpperon::driver {

class EventInProgress {
public:
    virtual ~EventInProgress() = default;

    /// Takes the next step, without waiting. True once the event is handled. If it throws, the handling has failed, and
    /// the conductor records the error; what has to be told to the other agent then, the destructor tells.
    [[nodiscard]] virtual bool advance() = 0;
};

}  // namespace cpperon::driver
