#include "server/message_hash.h"

#include <memory>
#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "index/content_hash.h"

namespace gradmatch {

uint64_t MessageHash(const google::protobuf::Message& message,
                     const std::vector<std::string_view>& without) {
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  for (const std::string_view name : without) {
    const google::protobuf::FieldDescriptor* field =
        copy->GetDescriptor()->FindFieldByName(std::string(name));
    if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);  // maps in key order
    copy->SerializePartialToCodedStream(&out);
  }
  return ContentHash(bytes);
}

}  // namespace gradmatch
