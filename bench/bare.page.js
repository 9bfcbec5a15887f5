/* The peer of B1: livekit-client as it comes, without encryption, with the product's own stream options. */
const { Room, RoomEvent, Track } = globalThis.LivekitClient
const options = { adaptiveStream: true, dynacast: true }
const rtcConfig = { iceServers: [] }

globalThis.bare = {
  async publish(url, token) {
    const room = new Room(options)
    await room.connect(url, token, { rtcConfig })
    await room.localParticipant.setCameraEnabled(true, { resolution: { width: 1280, height: 720, frameRate: 30 } })
  },
  /** Puts up the button; the click's way to the first picture is what is measured. */
  offer(url, token) {
    const room = new Room(options)
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind !== Track.Kind.Video) return
      const picture = document.createElement('video')
      picture.style.cssText = 'width: 640px; height: 360px'
      document.body.append(picture)
      track.attach(picture)
    })
    const button = document.createElement('button')
    button.textContent = 'Join'
    button.onclick = () => room.connect(url, token, { rtcConfig })
    document.body.append(button)
  },
}
