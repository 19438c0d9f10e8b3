#ifndef GRADMATCH_MATCHER_ENCODER_INPUT_H_
#define GRADMATCH_MATCHER_ENCODER_INPUT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/embedding.h"
#include "matcher/encoder.h"

namespace gradmatch {

// A posting, profile or piece of content as the encoder reads it. Joined texts
// are owned, all others are views into the message, which must outlive this.
class EncoderText {
 public:
  explicit EncoderText(const v1::Posting& posting);
  // Title, text, a course's skills and the majors it is meant for.
  explicit EncoderText(const v1::Content& content);
  // Reads functions wanted, majors, skills and text; never school, region,
  // places or pay. The caller has taken out what the graduate switched off.
  explicit EncoderText(const v1::Profile& profile);

  // Valid while this object stays where it is.
  EncoderInput input() const;

 private:
  void AddMajors(const v1::Audience& audience);

  std::string_view title_;
  std::string_view description_;
  std::string_view requirements_;
  std::string title_names_;
  std::string skills_;
  std::string majors_;
  std::string functions_;
  std::vector<EncoderCode> major_codes_;
  std::vector<std::string_view> function_codes_;
};

// The embedding of one profile; all zeros when it says nothing.
absl::StatusOr<Embedding> EncodeProfile(const Encoder& encoder,
                                        const v1::Profile& profile);
absl::StatusOr<Embedding> EncodeContent(const Encoder& encoder,
                                        const v1::Content& content);
// The embedding of one posting; for batches call the encoder itself.
absl::StatusOr<Embedding> EncodePosting(const Encoder& encoder,
                                        const v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_ENCODER_INPUT_H_
