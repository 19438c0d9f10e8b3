#ifndef GRADMATCH_SERVER_METHOD_EFFECTS_H_
#define GRADMATCH_SERVER_METHOD_EFFECTS_H_

#include <optional>
#include <string_view>

namespace gradmatch {

// What a method does to the data, as far as the disk is concerned.
enum class MethodEffect {
  kReads,   // writes nothing but an entry of the audit
  kAlways,  // deletes, or must be possible at any time: what people decide
            // about their records, and who may come in
  kGrows,   // refused while the disk is nearly full
};

// Of "PostingService.GetPosting". Nullopt for a method that is not listed,
// which counts as kGrows; a test sees to it that all are listed.
std::optional<MethodEffect> EffectOf(std::string_view method);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METHOD_EFFECTS_H_
